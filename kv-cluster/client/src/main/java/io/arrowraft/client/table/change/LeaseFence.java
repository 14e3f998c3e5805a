package io.arrowraft.client.table.change;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.error.TransactionAbortedException;
import io.arrowraft.client.table.schema.SchemaLease;
import io.arrowraft.client.txn.CommitFence;
import io.arrowraft.client.txn.WritableTransaction;
import io.arrowraft.pd.client.Timestamp;
import java.util.concurrent.CompletableFuture;

/**
 * Lets a batch of filling commit within the lease of the definition that it has read, like any
 * writer, or not at all: beyond it the table may be dropped, and its space given back.
 */
final class LeaseFence implements CommitFence {
  private final Timestamp end;

  private LeaseFence(Timestamp start) {
    this.end = SchemaLease.endOf(start);
  }

  static void bind(WritableTransaction transaction) {
    transaction.fence(
        LeaseFence.class, LeaseFence.class, () -> new LeaseFence(transaction.timestamp()));
  }

  @Override
  public long newestCommitTs() {
    return end.value();
  }

  @Override
  public CompletableFuture<Void> extend() {
    return CompletableFuture.failedFuture(
        new TransactionAbortedException(
            ErrorCode.SCHEMA_CHANGED,
            "a batch of filling an index took longer than " + SchemaLease.LENGTH));
  }

  @Override
  public void beforeCommit() {
    // It is ready as soon as its entries are written, which its only caller sees to.
  }

  @Override
  public InvalidRequestException explain(InvalidRequestException keyExists) {
    return keyExists;
  }
}
