package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.CommitRecord;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.mvcc.MvccReader;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds out whether secondary keys of an asynchronous commit are locked. A key that is not makes
 * the transaction fail for good: a protected rollback keeps its lock from arriving later.
 */
public record CheckSecondaryLocks(List<Bytes> keys, long startTs)
    implements Command<CheckSecondaryLocks.Found> {

  /**
   * What was found.
   *
   * @param locks one for each key, or none if one of them is not locked
   * @param commitTs if a key has been committed; 0 otherwise
   */
  public record Found(List<LockedKey> locks, long commitTs) {
    public Found {
      locks = List.copyOf(locks);
    }
  }

  public CheckSecondaryLocks {
    keys = List.copyOf(keys);
  }

  @Override
  public List<Bytes> latchKeys() {
    return LatchKeys.of(keys);
  }

  @Override
  public Outcome<Found> evaluate(MvccReader reader) {
    Changes changes = new Changes();
    RollbackRules rollbacks = new RollbackRules(reader, changes);
    List<LockedKey> locks = new ArrayList<>();
    for (Bytes key : keys) {
      Lock lock = reader.lock(key);
      if (lock != null && lock.startTs() == startTs && !lock.isPessimistic()) {
        locks.add(new LockedKey(key, lock));
        continue;
      }
      return Outcome.success(
          new Found(List.of(), missing(reader, changes, rollbacks, key, lock)), changes, startTs);
    }
    return Outcome.success(new Found(locks, 0), changes, startTs);
  }

  /** Settles a key without the transaction's lock; the commit timestamp, or 0. */
  private long missing(
      MvccReader reader, Changes changes, RollbackRules rollbacks, Bytes key, Lock lock) {
    Lock other = lock;
    if (lock != null && lock.startTs() == startTs) {
      changes.unlock(key); // pessimistic: never prewritten
      other = null;
    }
    CommitRecord record = reader.commitRecord(key, startTs);
    if (record instanceof CommitRecord.Found found) {
      return found.isRollback() ? 0 : found.record().commitTs();
    }
    if (!(record instanceof CommitRecord.OverlappedRollback)) {
      rollbacks.recordMissing(key, startTs, other, record, true);
    }
    return 0;
  }
}
