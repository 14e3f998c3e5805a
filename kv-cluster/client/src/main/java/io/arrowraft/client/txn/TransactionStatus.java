package io.arrowraft.client.txn;

/** How a transaction stands, as its primary key told. */
sealed interface TransactionStatus {
  /** The same for ever. */
  sealed interface Final extends TransactionStatus {
    /** 0 for a transaction that was rolled back, as the wire has it. */
    long commitVersion();
  }

  record Committed(long commitVersion) implements Final {}

  record RolledBack() implements Final {
    @Override
    public long commitVersion() {
      return 0;
    }
  }

  /**
   * Its primary is not locked any more, or not yet, and it was never prewritten: its pessimistic
   * locks may go, but whether it commits is open.
   */
  record Unlocked() implements TransactionStatus {}

  /**
   * Still under way, or not yet to be told.
   *
   * @param pushed whether it can no longer commit at or before the caller's timestamp
   */
  record Alive(boolean pushed) implements TransactionStatus {}
}
