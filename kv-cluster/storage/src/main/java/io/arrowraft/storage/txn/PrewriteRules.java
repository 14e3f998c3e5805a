package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.CommittedWrite;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockType;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.mvcc.MvccReader;
import io.arrowraft.storage.mvcc.Timestamps;
import io.arrowraft.storage.mvcc.WriteType;

/** The rules by which one key of a transaction is prewritten. */
final class PrewriteRules {
  private final Prewrite prewrite;
  private final MvccReader reader;
  private final Changes changes;
  private final PrewriteLocks locks;

  PrewriteRules(Prewrite prewrite, MvccReader reader, Changes changes, PrewriteLocks locks) {
    this.locks = locks;
    this.prewrite = prewrite;
    this.reader = reader;
    this.changes = changes;
  }

  void apply(PrewriteMutation mutation) throws Abort {
    Lock lock = reader.lock(mutation.key());
    if (lock != null && lock.startTs() != prewrite.startTs()) {
      throw foreignLock(mutation, lock);
    }
    if (lock != null && !lock.isPessimistic()) {
      locks.locked(lock);
      return; // a repetition: the lock is there already
    }
    boolean unchecked = prewrite.skipConstraintCheck();
    if (lock != null) {
      checkHeld(mutation, lock);
      unchecked = true; // nobody has changed the key since it was locked
    } else if (mustHoldLock(mutation)) {
      amend(mutation);
    }
    CommittedWrite newest = unchecked ? null : checkForNewerVersion(mutation);
    checkAssertion(mutation, newest, !unchecked);
    if (mutation.operation() == PrewriteMutation.Operation.CHECK_NOT_EXISTS) {
      locks.checked();
    } else {
      writeLock(mutation, lock);
    }
  }

  private boolean mustHoldLock(PrewriteMutation mutation) {
    return prewrite.isPessimistic() && mutation.guard().kind() == PessimisticGuard.Kind.LOCK;
  }

  private Abort foreignLock(PrewriteMutation mutation, Lock lock) {
    if (mustHoldLock(mutation)) {
      return lockMissing(mutation.key(), TxnError.MissingLock.FOREIGN_LOCK);
    }
    // Under the lock that stands for this key nobody else can be alive here: do not wait.
    Lock met = prewrite.isPessimistic() ? lock.withTtlMillis(0) : lock;
    return new Abort(new TxnError.KeyLocked(new LockedKey(mutation.key(), met)));
  }

  private void checkHeld(PrewriteMutation mutation, Lock lock) throws Abort {
    if (!prewrite.isPessimistic()) {
      throw new Abort(new TxnError.LockTypeMismatch(prewrite.startTs(), mutation.key()));
    }
    long expected = mutation.guard().expectedForUpdateTs();
    if (expected != 0 && lock.forUpdateTs() != expected) {
      throw lockMissing(mutation.key(), TxnError.MissingLock.TAKEN_AGAIN);
    }
  }

  /**
   * Rule 43: a lock that was never stored may be taken now, if the key cannot have changed since.
   * The lock's own timestamp is not known any more, but the start is before it.
   */
  private void amend(PrewriteMutation mutation) throws Abort {
    CommittedWrite newest = reader.newestWrite(mutation.key(), Timestamps.MAX);
    boolean unchanged =
        mutation.guard().expectedForUpdateTs() == 0
            && (newest == null || Timestamps.isAfter(prewrite.startTs(), newest.commitTs()));
    if (!unchanged) {
      throw lockMissing(mutation.key(), TxnError.MissingLock.CHANGED);
    }
  }

  private Abort lockMissing(Bytes key, TxnError.MissingLock reason) {
    return new Abort(new TxnError.PessimisticLockNotFound(prewrite.startTs(), key, reason));
  }

  /**
   * Rule 29: no commit after the start, and no rollback of this transaction. Newer rollbacks of
   * others are passed over: they changed nothing, and one that collapsed an unprotected rollback of
   * ours is no danger, since the protected one on our primary stays. A key that a pessimistic
   * transaction guards by the lock of another may have changed until that lock was taken.
   *
   * @return the newest record that is no newer rollback, or null
   */
  private CommittedWrite checkForNewerVersion(PrewriteMutation mutation) throws Abort {
    long startTs = prewrite.startTs();
    CommittedWrite newest = null;
    CommittedWrite found = reader.newestWrite(mutation.key(), Timestamps.MAX);
    while (found != null && Timestamps.isAfter(found.commitTs(), startTs)) {
      if (found.write().type() != WriteType.ROLLBACK) {
        checkNewer(mutation, found);
        newest = newest == null ? found : newest;
      }
      found = reader.newestWrite(mutation.key(), found.commitTs() - 1);
    }
    if (found != null
        && found.commitTs() == startTs
        && (found.write().type() == WriteType.ROLLBACK || found.write().overlappedRollback())) {
      throw conflict(mutation.key(), found, TxnError.ConflictReason.SELF_ROLLED_BACK);
    }
    newest = newest == null ? found : newest;
    if (newest != null) {
      checkNotExists(mutation, newest);
    }
    return newest;
  }

  private void checkNewer(PrewriteMutation mutation, CommittedWrite newer) throws Abort {
    if (!prewrite.isPessimistic()) {
      throw conflict(mutation.key(), newer, TxnError.ConflictReason.OPTIMISTIC);
    }
    if (mutation.guard().kind() == PessimisticGuard.Kind.DEFERRED) {
      throw conflict(mutation.key(), newer, TxnError.ConflictReason.DEFERRED_CHECK);
    }
    if (Timestamps.isAfter(newer.commitTs(), prewrite.forUpdateTs())) {
      throw lockMissing(mutation.key(), TxnError.MissingLock.GUARDED_KEY_CHANGED);
    }
  }

  private void checkNotExists(PrewriteMutation mutation, CommittedWrite newest) throws Abort {
    if (!mutation.operation().mustNotExist()) {
      return;
    }
    // Nothing newer changes data, so a fence to any version at all points to one that is gone.
    CommittedWrite existing = reader.put(mutation.key(), newest.commitTs(), Timestamps.MAX);
    if (existing != null) {
      throw new Abort(new TxnError.AlreadyExists(mutation.key(), existing.write().startTs()));
    }
  }

  private Abort conflict(Bytes key, CommittedWrite with, TxnError.ConflictReason reason) {
    return new Abort(
        new TxnError.WriteConflict(
            prewrite.startTs(),
            with.write().startTs(),
            with.commitTs(),
            key,
            prewrite.primary(),
            reason));
  }

  private void checkAssertion(PrewriteMutation mutation, CommittedWrite newest, boolean loaded)
      throws Abort {
    Prewrite.Assertion assertion = mutation.assertion();
    if (assertion == Prewrite.Assertion.NONE
        || prewrite.assertionLevel() == Prewrite.AssertionLevel.OFF
        || (!loaded && prewrite.assertionLevel() != Prewrite.AssertionLevel.STRICT)) {
      return;
    }
    long at = newest == null ? Timestamps.MAX : newest.commitTs();
    CommittedWrite existing =
        loaded && newest == null ? null : reader.put(mutation.key(), at, Timestamps.MAX);
    boolean exists = existing != null;
    if (exists == (assertion == Prewrite.Assertion.EXISTS)) {
      return;
    }
    if (!loaded && !prewrite.isPessimistic()) {
      // The surprise may come from a conflict that the client asked not to check: name that one.
      checkForNewerVersion(mutation);
    }
    throw new Abort(
        new TxnError.AssertionFailed(
            prewrite.startTs(),
            mutation.key(),
            assertion,
            exists ? existing.write().startTs() : 0,
            exists ? existing.commitTs() : 0));
  }

  private void writeLock(PrewriteMutation mutation, Lock held) {
    Bytes value = mutation.value();
    boolean inline = value != null && value.length() <= Lock.SHORT_VALUE_BYTES_MAX;
    if (value != null && !inline) {
      changes.putValue(mutation.key(), prewrite.startTs(), value);
    }
    LockType type =
        switch (mutation.operation()) {
          case PUT, INSERT -> LockType.PUT;
          case DELETE -> LockType.DELETE;
          case LOCK -> LockType.LOCK;
          case CHECK_NOT_EXISTS -> throw new IllegalStateException("a check takes no lock");
        };
    locks.lock(changes, mutation.key(), type, inline ? value : null, held);
  }
}
