package io.arrowraft.storage.txn;

import io.arrowraft.storage.mvcc.LockedKey;

/** The fate of a transaction, as its primary key tells it after a {@link CheckTxnStatus}. */
public sealed interface TxnStatus {
  /** Committed; its other locks are to be committed at the same timestamp. */
  record Committed(long commitTs) implements TxnStatus {}

  /** Had been rolled back before. */
  record RolledBack() implements TxnStatus {}

  /** Has been rolled back now, since its primary lock had expired. */
  record TtlExpired() implements TxnStatus {}

  /** Has been rolled back now, since its primary was not there. */
  record LockNotExist() implements TxnStatus {}

  /**
   * The primary is not there, which is no proof while only a pessimistic lock is being resolved.
   */
  record LockNotExistDoNothing() implements TxnStatus {}

  /** The expired pessimistic primary lock has been removed; the transaction may go on. */
  record PessimisticallyRolledBack() implements TxnStatus {}

  /**
   * Still under way.
   *
   * @param primary the primary lock as it is now
   * @param minCommitTsPushed whether it will commit after the caller's start, so that the caller
   *     may read past the transaction's locks
   */
  record Uncommitted(LockedKey primary, boolean minCommitTsPushed) implements TxnStatus {}
}
