package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockType;
import io.arrowraft.storage.mvcc.Timestamps;

/** Locks that a second phase commits. */
record TwoPhaseLocks(Prewrite prewrite) implements PrewriteLocks {
  @Override
  public void locked(Lock own) {
    // The lock is there already, of whichever kind the first attempt made it.
  }

  @Override
  public void checked() {
    // Nothing to remember.
  }

  @Override
  public void lock(Changes changes, Bytes key, LockType type, Bytes inline, Lock held) {
    changes.putLock(key, of(prewrite, type, inline, held));
  }

  /** Heartbeats and readers may have raised what the pessimistic lock carries: it is kept. */
  static Lock of(Prewrite prewrite, LockType type, Bytes inline, Lock held) {
    long ttl = prewrite.lockTtlMillis();
    long least = prewrite.minCommitTs();
    long forUpdateTs = prewrite.forUpdateTs();
    if (held != null) {
      ttl = Math.max(ttl, held.ttlMillis());
      least = Timestamps.max(least, held.minCommitTs());
      forUpdateTs = Timestamps.max(forUpdateTs, held.forUpdateTs());
    }
    return Lock.twoPhase(
            type, prewrite.primary(), prewrite.startTs(), ttl, inline, prewrite.txnSize(), least)
        .withForUpdateTs(forUpdateTs);
  }

  @Override
  public Prewrite.Result finish(Changes changes) {
    return Prewrite.Result.TWO_PHASE;
  }

  @Override
  public Prewrite.Result committedBefore(long commitTs) {
    return Prewrite.Result.TWO_PHASE;
  }
}
