package io.arrowraft.client.txn;

import io.arrowraft.client.error.LockConflictException;
import io.arrowraft.client.error.OutcomeUnknownException;
import io.arrowraft.client.error.TransactionAbortedException;
import io.arrowraft.client.options.Limits;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Timer;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Begins transactions and snapshots. Safe for use by any thread. */
public final class Transactions {
  private static final long LONGEST_WAIT_MILLIS = 200;

  private final RegionCalls calls;
  private final LockResolver resolver;
  private final BackgroundWork background;
  private final MeterRegistry meters;
  private final CommitShape defaultShape;

  public Transactions(RegionCalls calls) {
    this.calls = calls;
    this.resolver = new LockResolver(calls);
    this.background = new BackgroundWork(calls);
    this.meters = calls.environment().meters();
    Limits limits = calls.options().limits();
    this.defaultShape = new CommitShape(limits.batchBytesMax(), limits.batchKeysMax());
  }

  /** A transaction that starts now. */
  public CompletableFuture<Transaction> begin() {
    return begin(defaultShape);
  }

  /** A transaction that starts now and commits in batches of the given shape. */
  public CompletableFuture<Transaction> begin(CommitShape shape) {
    return begin(shape, CommitOrder.AFTER_CALL);
  }

  private CompletableFuture<Transaction> begin(CommitShape shape, CommitOrder order) {
    TransactionAge age = TransactionAge.startingNow(calls.environment().time());
    return timestamp().thenApply(start -> new Transaction(this, shape, start, age, order));
  }

  /** A transaction that starts now and locks what it is about to change. */
  public CompletableFuture<PessimisticTransaction> beginPessimistic() {
    TransactionAge age = TransactionAge.startingNow(calls.environment().time());
    return timestamp()
        .thenApply(start -> new PessimisticTransaction(this, defaultShape, start, age));
  }

  /** The data as of {@code timestamp}, which may lie in the past. */
  public Snapshot snapshotAt(Timestamp timestamp) {
    return new Snapshot(calls, resolver, timestamp);
  }

  /** A new timestamp. */
  public CompletableFuture<Timestamp> timestamp() {
    return calls.operation(backoff -> calls.timestamp(backoff).thenApply(Timestamp::new));
  }

  /**
   * Waits until the placement driver's time has passed a timestamp. However long that takes: its
   * caller gives up by closing the client.
   *
   * @return a timestamp after it
   */
  public CompletableFuture<Timestamp> after(Timestamp passed) {
    return timestamp()
        .thenCompose(
            now ->
                now.value() > passed.value()
                    ? CompletableFuture.completedFuture(now)
                    : later(passed.physicalMillis() - now.physicalMillis() + 1)
                        .thenCompose(waited -> after(passed)));
  }

  private CompletableFuture<Void> later(long millis) {
    Duration wait = Duration.ofMillis(Math.min(millis, LONGEST_WAIT_MILLIS));
    // An operation, and a short one, so that a client that closes ends it and nobody is left
    // waiting.
    return calls.operation(
        backoff -> {
          CompletableFuture<Void> over = new CompletableFuture<>();
          calls.loop().schedule(wait, () -> over.complete(null));
          return over;
        });
  }

  /**
   * Ends all transactions that started up to {@code newest} and hold locks from {@code start} up to
   * {@code end}, which is excluded: afterwards nothing commits there at or below that timestamp.
   * Fails with {@link LockConflictException} if one of them is kept alive all the time.
   */
  public CompletableFuture<Void> settle(Bytes start, Bytes end, Timestamp newest) {
    return calls.operation(
        backoff -> new RangeLocks(calls, resolver, newest.value()).clear(start, end, backoff));
  }

  /** The keys inside of a range at which regions begin, in order, as the placement driver knows. */
  public CompletableFuture<List<Bytes>> regionStarts(Bytes start, Bytes end) {
    return calls.operation(
        backoff -> calls.regionStarts(KeySpace.TRANSACTIONAL, start, end, backoff));
  }

  /** How far garbage collection is: nobody reads below it any more. */
  public CompletableFuture<Timestamp> safePoint() {
    return calls.operation(calls::safePoint);
  }

  /**
   * Removes all versions and locks of the first regions of a range, past transactions. For keys
   * that nobody uses at or above the safe point, and nobody writes to: what reads below it is
   * refused from then on.
   *
   * @return where to go on; empty if the range is done
   */
  public CompletableFuture<Optional<Bytes>> destroy(Bytes start, Bytes end, int regionsMax) {
    return calls.operation(
        backoff -> new RangeDestruction(calls, end, backoff).from(start, regionsMax));
  }

  /**
   * Has something run on the client's loop after a while. Operations that it begins are refused if
   * the client is closed by then.
   */
  public Timer later(Duration delay, Runnable task) {
    return calls.loop().schedule(delay, task);
  }

  /**
   * Runs {@code body} in a transaction and commits it; runs it again, with a new start timestamp,
   * as long as it loses against others and the deadline permits. The body must therefore take
   * nothing along from an earlier run.
   *
   * @param body runs on the client's loop, where nothing may wait; it must not commit by itself
   */
  public <T> CompletableFuture<T> retrying(Function<Transaction, CompletableFuture<T>> body) {
    return calls.operation(backoff -> new RetriedRuns<>(this, this::beginRun, body, backoff).run());
  }

  /** Its caller knows of no moment between its begin and its commit. */
  private CompletableFuture<Transaction> beginRun() {
    return begin(defaultShape, CommitOrder.AFTER_BEGIN);
  }

  /**
   * As {@link #retrying}, in a transaction that locks what it is about to change: worth its extra
   * round trips where others often want the same keys. It runs again after a deadlock, or when its
   * wait for a lock was too long.
   */
  public <T> CompletableFuture<T> retryingPessimistic(
      Function<PessimisticTransaction, CompletableFuture<T>> body) {
    return calls.operation(
        backoff -> new RetriedRuns<>(this, this::beginPessimistic, body, backoff).run());
  }

  void countRetry() {
    meters.counter("arrowraft_client_transaction_retries_total").increment();
  }

  /** Whether running the transaction's body anew may succeed; never for an unknown outcome. */
  public static boolean worthAnotherRun(Throwable failure) {
    return failure instanceof TransactionAbortedException
        || failure instanceof LockConflictException;
  }

  /** Complete once no commit or rollback goes on in the background. */
  public CompletableFuture<Void> idle() {
    return calls.background(backoff -> background.idle());
  }

  /** What clears locks out of a reader's way. */
  public LockResolver resolver() {
    return resolver;
  }

  RegionCalls calls() {
    return calls;
  }

  BackgroundWork background() {
    return background;
  }

  void countReadOnly() {
    count("read_only");
  }

  void countCommit(TransactionAge age, Throwable failure) {
    if (failure == null) {
      count("committed");
      meters.timer("arrowraft_client_transaction_seconds").record(age.elapsed());
    } else {
      count(failure instanceof OutcomeUnknownException ? "unknown" : "aborted");
    }
  }

  private void count(String outcome) {
    meters.counter("arrowraft_client_transactions_total", "outcome", outcome).increment();
  }
}
