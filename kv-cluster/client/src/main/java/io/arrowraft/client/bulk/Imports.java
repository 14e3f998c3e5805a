package io.arrowraft.client.bulk;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.txn.SafePointHold;
import io.arrowraft.client.txn.Transactions;
import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;

/** Begins imports. Safe for use by any thread. */
public final class Imports {
  /** How long garbage collection waits for an import whose process has died. */
  private static final Duration CLAIM_LIFE = Duration.ofMinutes(5);

  /** An import that takes longer must be begun anew, or resumed. */
  private static final Duration CLAIM_AT_MOST = Duration.ofDays(1);

  private static final CompletableFuture<Void> NOTHING = CompletableFuture.completedFuture(null);

  private final RegionCalls calls;
  private final Transactions transactions;
  private final PdClient pd;
  private final Executor workers;

  /**
   * @param workers runs what takes processor time
   */
  public Imports(RegionCalls calls, Transactions transactions, PdClient pd, Executor workers) {
    this.calls = calls;
    this.transactions = transactions;
    this.pd = pd;
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
   *     ErrorCode#KEY_EXISTS} if the range is not empty, before anything is brought, unless the
   *     options say that the import is resumed
   */
  public CompletableFuture<Long> versions(
      Bytes start, Bytes end, PairSource source, ImportOptions options, LongConsumer progress) {
    Cancellable result = new Cancellable();
    transactions
        .timestamp()
        .thenCompose(
            now ->
                (options.resumed() ? NOTHING : requireEmpty(start, end, now))
                    .thenCompose(ready -> hold(now)))
        .whenComplete(
            (hold, failure) -> {
              if (failure == null) {
                result.whenComplete((count, ended) -> hold.close());
                long commit = hold.timestamp().value() + 1;
                result.follow(
                    BulkImport.ofVersions(calls, commit, options, workers, source, progress).run());
              } else {
                source.close();
                result.completeExceptionally(Async.cause(failure));
              }
            });
    return result;
  }

  /**
   * Keeps garbage collection below what comes in at {@code commit}, however long that takes: stores
   * refuse versions at or below the safe point, whose later deletion may be forgotten.
   */
  private CompletableFuture<SafePointHold> hold(Timestamp commit) {
    return SafePointHold.take(
        pd,
        calls.loop(),
        "import-" + Long.toUnsignedString(commit.value()),
        new Timestamp(commit.value() - 1),
        CLAIM_LIFE,
        CLAIM_AT_MOST);
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
                        + " is there; go on with an import that did not end by ImportOptions.resuming,"
                        + " delete what is there, or load in transactions");
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
