package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.CommittedWrite;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockType;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.mvcc.MvccReader;
import io.arrowraft.storage.mvcc.Timestamps;
import io.arrowraft.storage.mvcc.Write;
import io.arrowraft.storage.mvcc.WriteType;

/** The rules by which one key of an optimistic transaction is locked. */
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
    if (lock != null) {
      checkOwnLock(mutation.key(), lock);
      locks.locked(lock);
      return; // a repetition: the lock is there already
    }
    CommittedWrite newest = null;
    if (!prewrite.skipConstraintCheck()) {
      newest = checkForNewerVersion(mutation);
    }
    checkAssertion(mutation, newest);
    if (mutation.operation() == PrewriteMutation.Operation.CHECK_NOT_EXISTS) {
      locks.checked();
    } else {
      writeLock(mutation);
    }
  }

  private void checkOwnLock(Bytes key, Lock lock) throws Abort {
    if (lock.startTs() != prewrite.startTs()) {
      throw new Abort(new TxnError.KeyLocked(new LockedKey(key, lock)));
    }
    if (lock.isPessimistic()) {
      throw new Abort(new TxnError.LockTypeMismatch(prewrite.startTs(), key));
    }
  }

  /**
   * Rule 29: no commit after the start, and no rollback of this transaction. Newer rollbacks of
   * others are passed over: they changed nothing, and one that collapsed an unprotected rollback of
   * ours is no danger, since the protected one on our primary stays.
   *
   * @return the newest record at or below the start, or null
   */
  private CommittedWrite checkForNewerVersion(PrewriteMutation mutation) throws Abort {
    long startTs = prewrite.startTs();
    CommittedWrite found = reader.newestWrite(mutation.key(), Timestamps.MAX);
    while (found != null && Timestamps.isAfter(found.commitTs(), startTs)) {
      if (found.write().type() != WriteType.ROLLBACK) {
        throw conflict(mutation.key(), found, TxnError.ConflictReason.OPTIMISTIC);
      }
      found = reader.newestWrite(mutation.key(), found.commitTs() - 1);
    }
    if (found == null) {
      return null;
    }
    Write write = found.write();
    if (found.commitTs() == startTs
        && (write.type() == WriteType.ROLLBACK || write.overlappedRollback())) {
      throw conflict(mutation.key(), found, TxnError.ConflictReason.SELF_ROLLED_BACK);
    }
    checkNotExists(mutation, found);
    return found;
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

  private void checkAssertion(PrewriteMutation mutation, CommittedWrite newest) throws Abort {
    Prewrite.Assertion assertion = mutation.assertion();
    boolean loaded = !prewrite.skipConstraintCheck();
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
    if (!loaded) {
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

  private void writeLock(PrewriteMutation mutation) {
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
    locks.lock(changes, mutation.key(), type, inline ? value : null);
  }
}
