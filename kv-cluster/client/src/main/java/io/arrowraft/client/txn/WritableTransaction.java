package io.arrowraft.client.txn;

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
}
