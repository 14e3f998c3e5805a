package io.arrowraft.client.table.change;

import io.arrowraft.client.table.schema.SchemaLease;
import io.arrowraft.client.txn.Transactions;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.KeyRange;
import java.util.concurrent.CompletableFuture;

/** The owner's half of the fence: waits until nobody can commit by an overtaken definition. */
final class FenceWait {
  private final Transactions transactions;

  FenceWait(Transactions transactions) {
    this.transactions = transactions;
  }

  /**
   * Whoever still goes by the definition from before {@code changed} has read it earlier, so its
   * commit is timed within the lease that ends here at the latest. Once the placement driver is
   * past that end, such a commit has its locks in place already or is refused; resolving those
   * locks ends it. Asking the stores for them also keeps them from timing a late commit below the
   * end.
   *
   * @param changed the commit of the change, or any timestamp after it
   */
  CompletableFuture<Void> pass(KeyRange keys, Timestamp changed) {
    Timestamp end = SchemaLease.endOf(changed);
    return transactions
        .after(end)
        .thenCompose(
            now ->
                transactions.settle(
                    Bytes.wrap(keys.start().toByteArray()),
                    Bytes.wrap(keys.end().toByteArray()),
                    end));
  }
}
