package io.arrowraft.client.txn;

import io.arrowraft.pd.client.Timestamp;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A transaction, of whichever kind. */
public sealed interface WritableTransaction extends TransactionalReader
    permits Transaction, PessimisticTransaction {
  /**
   * The fence that the transaction keeps for a subject, from now on until its end.
   *
   * @param subject what the fence is about; one fence per subject
   * @param make gives it one if it has none
   */
  <F extends CommitFence> F fence(Object subject, Class<F> type, Supplier<F> make);

  /**
   * Makes the writes visible, all at once.
   *
   * @return the commit timestamp; see the kinds of transaction for how it fails
   */
  CompletableFuture<Timestamp> commit();

  /** Gives the transaction up, with what it holds. Idempotent, also after commit. */
  void rollback();
}
