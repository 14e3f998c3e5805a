package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.CommitRecord;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.MvccReader;
import io.arrowraft.storage.mvcc.Timestamps;
import io.arrowraft.storage.mvcc.Write;

/** The rules by which one key of a transaction is committed. */
final class CommitRules {
  private CommitRules() {}

  static void checkTimestamps(long startTs, long commitTs) throws Abort {
    if (!Timestamps.isAfter(commitTs, startTs)) {
      throw new Abort(new TxnError.InvalidCommitTs(startTs, commitTs));
    }
  }

  static void commit(MvccReader reader, Changes changes, Bytes key, long startTs, long commitTs)
      throws Abort {
    Lock lock = reader.lock(key);
    if (lock == null || lock.startTs() != startTs) {
      checkCommitted(reader, key, startTs, commitTs);
      return;
    }
    if (Timestamps.isAfter(lock.minCommitTs(), commitTs)) {
      throw new Abort(new TxnError.CommitTsExpired(startTs, commitTs, key, lock.minCommitTs()));
    }
    if (!lock.isPessimistic()) {
      boolean overlaps = lock.rollbackTs().contains(commitTs);
      changes.putWrite(key, commitTs, Write.committing(lock, overlaps));
    }
    // A pessimistic lock that is left when its transaction commits was never written through: it
    // goes without a record.
    changes.unlock(key);
  }

  /** Rule 31: with the lock gone, the records tell whether the commit has happened. */
  private static void checkCommitted(MvccReader reader, Bytes key, long startTs, long commitTs)
      throws Abort {
    boolean committed =
        reader.commitRecord(key, startTs) instanceof CommitRecord.Found found
            && !found.isRollback();
    if (!committed) {
      throw new Abort(new TxnError.TxnLockNotFound(key, startTs, commitTs));
    }
  }
}
