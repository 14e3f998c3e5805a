package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockType;

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
  public void lock(Changes changes, Bytes key, LockType type, Bytes inline) {
    changes.putLock(key, of(prewrite, type, inline));
  }

  static Lock of(Prewrite prewrite, LockType type, Bytes inline) {
    return Lock.twoPhase(
        type,
        prewrite.primary(),
        prewrite.startTs(),
        prewrite.lockTtlMillis(),
        inline,
        prewrite.txnSize(),
        prewrite.minCommitTs());
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
