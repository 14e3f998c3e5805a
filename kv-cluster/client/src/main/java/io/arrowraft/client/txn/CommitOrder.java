package io.arrowraft.client.txn;

/** Which commits a commit is timed after, beyond those that its transaction has seen. */
enum CommitOrder {
  /** Those that were acknowledged before the transaction began. */
  AFTER_BEGIN,
  /** Those that were acknowledged before the commit was called, too. */
  AFTER_CALL
}
