package io.arrowraft.client.txn;

import io.arrowraft.client.error.InvalidRequestException;
import java.util.concurrent.CompletableFuture;

/**
 * Until when a transaction may commit, beyond what the stores check: what it was built on, a
 * table's schema for one, may not hold for ever. The primary is committed at a timestamp that every
 * fence permits, or not at all; the stores are told the bound where they choose the timestamp
 * themselves.
 */
public interface CommitFence {
  /** The newest permitted commit timestamp, as far as is known without asking. */
  long newestCommitTs();

  /**
   * Makes sure that what the transaction was built on holds now.
   *
   * @return complete once {@link #newestCommitTs} has moved on; fails with {@link
   *     io.arrowraft.client.error.TransactionAbortedException} if it holds no longer
   */
  CompletableFuture<Void> extend();

  /**
   * Called as the commit begins.
   *
   * @throws InvalidRequestException if the transaction is not ready for it
   */
  void beforeCommit();

  /** The failure to report in place of one that names a key which exists. */
  InvalidRequestException explain(InvalidRequestException keyExists);
}
