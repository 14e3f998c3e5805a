package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Invariant;
import io.arrowraft.storage.mvcc.CommitRecord;
import io.arrowraft.storage.mvcc.CommittedWrite;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockType;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.mvcc.MvccReader;
import io.arrowraft.storage.mvcc.Timestamps;
import io.arrowraft.storage.mvcc.Write;
import io.arrowraft.storage.mvcc.WriteType;

/**
 * The rules by which one key of a transaction is rolled back.
 *
 * <p>A rollback leaves a record, so that a prewrite which arrives late cannot lock the key again.
 * Records of secondaries are collapsed: only the newest is kept, since the primary's is protected
 * and decides (rule 33).
 */
final class RollbackRules {
  private final MvccReader reader;
  private final Changes changes;

  RollbackRules(MvccReader reader, Changes changes) {
    this.reader = reader;
    this.changes = changes;
  }

  /**
   * Rolls one key back, whatever is there.
   *
   * @param currentTs when not 0, a lock that has not expired by then is left and reported
   * @param protect whether the record must survive later rollbacks
   */
  void cleanUp(Bytes key, long startTs, long currentTs, boolean protect) throws Abort {
    Lock lock = reader.lock(key);
    if (lock != null && lock.startTs() == startTs) {
      if (currentTs != 0 && !lock.isExpiredAt(currentTs)) {
        throw new Abort(new TxnError.KeyLocked(new LockedKey(key, lock)));
      }
      rollBackLock(key, lock, !protect);
      return;
    }
    CommitRecord record = reader.commitRecord(key, startTs);
    if (record instanceof CommitRecord.Found found) {
      if (!found.isRollback()) {
        throw new Abort(new TxnError.Committed(startTs, found.record().commitTs(), key));
      }
      return;
    }
    if (!(record instanceof CommitRecord.OverlappedRollback)) {
      recordMissing(key, startTs, lock, record, protect);
    }
  }

  /** Removes a lock and its long value and leaves a rollback record. */
  void rollBackLock(Bytes key, Lock lock, boolean collapse) {
    CommitRecord record = reader.commitRecord(key, lock.startTs());
    if (record instanceof CommitRecord.Found found) {
      Invariant.check(
          found.isRollback(),
          "a key is both locked and committed by one transaction",
          "key",
          key,
          "startTs",
          lock.startTs(),
          "commitTs",
          found.record().commitTs());
    } else if (!(record instanceof CommitRecord.OverlappedRollback)) {
      if (lock.type() == LockType.PUT && lock.shortValue() == null) {
        changes.deleteValue(key, lock.startTs());
      }
      boolean protect = key.equals(lock.primary()) || lock.generation() > 0;
      putRollback(key, lock.startTs(), record, protect);
      if (collapse) {
        collapsePrevious(key, lock.startTs());
      }
    }
    changes.unlock(key);
  }

  /**
   * Leaves a rollback record on a key that the transaction has not locked.
   *
   * @param otherLock the lock of another transaction on the key, or null
   * @param record what the write records say: none, or an overlapping write
   */
  void recordMissing(
      Bytes key, long startTs, Lock otherLock, CommitRecord record, boolean protect) {
    if (!protect) {
      collapsePrevious(key, startTs);
    }
    if (otherLock != null && record instanceof CommitRecord.None) {
      markOnLock(key, startTs, otherLock, protect);
    }
    putRollback(key, startTs, record, protect);
  }

  /**
   * Rule 34, the other way round: a lock that will commit at a computed timestamp may come to
   * overwrite our record, so it remembers it.
   */
  private void markOnLock(Bytes key, long startTs, Lock otherLock, boolean protect) {
    if (protect
        && otherLock.asyncCommit()
        && !Timestamps.isAfter(otherLock.minCommitTs(), startTs)) {
      changes.putLock(key, otherLock.withRollback(startTs));
    }
  }

  private void putRollback(Bytes key, long startTs, CommitRecord record, boolean protect) {
    if (record instanceof CommitRecord.OverlappedWrite overlapped) {
      if (protect) {
        changes.putWrite(
            key,
            startTs,
            overlapped.record().write().withOverlappedRollback(overlapped.nextChangeTs()));
      }
      return;
    }
    changes.putWrite(key, startTs, Write.rollback(startTs, protect));
  }

  private void collapsePrevious(Bytes key, long startTs) {
    CommittedWrite previous = reader.newestWrite(key, startTs);
    if (previous != null
        && previous.write().type() == WriteType.ROLLBACK
        && !previous.write().isProtectedRollback()) {
      changes.deleteWrite(key, previous.commitTs());
    }
  }
}
