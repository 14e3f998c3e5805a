package io.arrowraft.client.bulk;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.txn.Transactions;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;

/** Begins imports. Safe for use by any thread. */
public final class Imports {
  private final RegionCalls calls;
  private final Transactions transactions;
  private final Executor workers;

  /**
   * @param workers runs what takes processor time
   */
  public Imports(RegionCalls calls, Transactions transactions, Executor workers) {
    this.calls = calls;
    this.transactions = transactions;
    this.workers = workers;
  }

  /**
   * Brings transactional pairs into a range that is empty. See the package page for what the caller
   * must see to.
   *
   * @param start first key of the range
   * @param end first key after it
   * @param source of pairs whose keys lie in the range
   * @param progress told how many pairs are in so far, by one thread at a time
   * @return how many pairs were brought in; cancelling it ends the import. Fails with {@link
   *     ErrorCode#KEY_EXISTS} if the range is not empty, before anything is brought
   */
  public CompletableFuture<Long> versions(
      Bytes start, Bytes end, PairSource source, ImportOptions options, LongConsumer progress) {
    Cancellable result = new Cancellable();
    transactions
        .timestamp()
        .thenCompose(now -> requireEmpty(start, end, now).thenApply(empty -> now))
        .whenComplete(
            (now, failure) -> {
              if (failure == null) {
                result.follow(
                    BulkImport.ofVersions(calls, now.value(), options, workers, source, progress)
                        .run());
              } else {
                source.close();
                result.completeExceptionally(Async.cause(failure));
              }
            });
    return result;
  }

  private CompletableFuture<Void> requireEmpty(Bytes start, Bytes end, Timestamp now) {
    return transactions
        .snapshotAt(now)
        .scan(start, end, 1)
        .thenAccept(
            page -> {
              if (!page.pairs().isEmpty()) {
                throw new InvalidRequestException(
                    ErrorCode.KEY_EXISTS,
                    "an import needs an empty range, and "
                        + page.pairs().get(0).key()
                        + " is there; delete what is there, or load in transactions");
              }
            });
  }

  /** The same of raw pairs, into a range that need not be empty: what is there is replaced. */
  public CompletableFuture<Long> raw(
      Iterator<KeyValue> pairs, ImportOptions options, LongConsumer progress) {
    Cancellable result = new Cancellable();
    PairSource source = () -> pairs.hasNext() ? pairs.next() : null;
    result.follow(BulkImport.ofRaw(calls, options, workers, source, progress).run());
    return result;
  }

  /** What is cancelled ends the work behind it, which may begin later. */
  private static final class Cancellable extends CompletableFuture<Long> {
    private CompletableFuture<Long> work;

    private void follow(CompletableFuture<Long> begun) {
      synchronized (this) {
        work = begun;
      }
      if (isCancelled()) {
        begun.cancel(false);
      }
      begun.whenComplete((count, failure) -> Async.settle(this, count, failure));
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      boolean cancelled = super.cancel(mayInterruptIfRunning);
      CompletableFuture<Long> begun;
      synchronized (this) {
        begun = work;
      }
      if (begun != null) {
        begun.cancel(mayInterruptIfRunning);
      }
      return cancelled;
    }
  }
}
