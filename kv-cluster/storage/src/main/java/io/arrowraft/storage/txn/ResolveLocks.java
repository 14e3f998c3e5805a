package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.MvccReader;
import java.util.List;
import java.util.Map;

/**
 * Settles locks that a {@link ScanLocks} found, by the fates of their transactions. A lock that has
 * changed hands since the scan is left alone.
 *
 * @param commitTsByStartTs the fate of each transaction: its commit timestamp, or 0 if rolled back
 */
public record ResolveLocks(List<Bytes> keys, Map<Long, Long> commitTsByStartTs)
    implements Command<Done> {
  public ResolveLocks {
    keys = List.copyOf(keys);
    commitTsByStartTs = Map.copyOf(commitTsByStartTs);
  }

  @Override
  public List<Bytes> latchKeys() {
    return LatchKeys.of(keys);
  }

  @Override
  public Outcome<Done> evaluate(MvccReader reader) {
    Changes changes = new Changes();
    RollbackRules rollbacks = new RollbackRules(reader, changes);
    try {
      for (Bytes key : latchKeys()) {
        Lock lock = reader.lock(key);
        Long commitTs = lock == null ? null : commitTsByStartTs.get(lock.startTs());
        if (commitTs == null) {
          continue;
        }
        if (commitTs == 0) {
          rollbacks.cleanUp(key, lock.startTs(), 0, false);
        } else {
          CommitRules.checkTimestamps(lock.startTs(), commitTs);
          CommitRules.commit(reader, changes, key, lock.startTs(), commitTs);
        }
      }
      return Outcome.success(Done.DONE, changes, 0);
    } catch (Abort abort) {
      return Outcome.failure(List.of(abort.error()), 0);
    }
  }
}
