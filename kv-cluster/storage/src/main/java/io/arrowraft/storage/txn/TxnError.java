package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.LockedKey;

/** Why a command failed, with all that a client needs to go on. */
public sealed interface TxnError {

  /** Why two transactions conflict. */
  enum ConflictReason {
    /** A newer version than the optimistic transaction's snapshot. */
    OPTIMISTIC,
    /** The transaction itself has been rolled back. */
    SELF_ROLLED_BACK,
    /** A newer version than a pessimistic statement has read: run the statement again. */
    PESSIMISTIC_RETRY,
    /** A newer version on a key that a pessimistic transaction checks only at its prewrite. */
    DEFERRED_CHECK
  }

  /** How a pessimistic lock was found to be missing. */
  enum MissingLock {
    /** Another transaction holds the key. */
    FOREIGN_LOCK,
    /** There is no lock, and the key may have changed since. */
    CHANGED,
    /** The lock there is not the one that the client was told of. */
    TAKEN_AGAIN,
    /** A key without a lock of its own has changed: the lock that stood for it is lost. */
    GUARDED_KEY_CHANGED
  }

  /** Another transaction's lock is in the way: resolve it or wait. */
  record KeyLocked(LockedKey locked) implements TxnError {}

  /** The transaction must be restarted. */
  record WriteConflict(
      long startTs,
      long conflictStartTs,
      long conflictCommitTs,
      Bytes key,
      Bytes primary,
      ConflictReason reason)
      implements TxnError {}

  /** A key that should be new has a value. */
  record AlreadyExists(Bytes key, long existingStartTs) implements TxnError {}

  /** There is nothing to commit: rolled back, or never prewritten. */
  record TxnLockNotFound(Bytes key, long startTs, long commitTs) implements TxnError {}

  /** The primary has neither lock nor record, and the caller did not ask for a rollback. */
  record TxnNotFound(long startTs, Bytes primaryKey) implements TxnError {}

  /** The lock may only commit at {@code minCommitTs} or later: take a new timestamp. */
  record CommitTsExpired(long startTs, long attemptedCommitTs, Bytes key, long minCommitTs)
      implements TxnError {}

  /** What should be rolled back is committed. */
  record Committed(long startTs, long commitTs, Bytes key) implements TxnError {}

  /** The key holds a lock of the transaction that names another primary: ask that one. */
  record PrimaryMismatch(LockedKey locked) implements TxnError {}

  /** An assertion of the client about the key's existence does not hold. */
  record AssertionFailed(
      long startTs,
      Bytes key,
      Prewrite.Assertion assertion,
      long existingStartTs,
      long existingCommitTs)
      implements TxnError {}

  /** An optimistic prewrite met a pessimistic lock of the same transaction. */
  record LockTypeMismatch(long startTs, Bytes key) implements TxnError {}

  /** A pessimistic lock is gone: the transaction must be restarted. */
  record PessimisticLockNotFound(long startTs, Bytes key, MissingLock reason) implements TxnError {}

  /** The transaction that wants to lock the key has been rolled back there. */
  record PessimisticLockRolledBack(long startTs, Bytes key) implements TxnError {}

  /** A commit timestamp that is not after the start timestamp. */
  record InvalidCommitTs(long startTs, long commitTs) implements TxnError {}
}
