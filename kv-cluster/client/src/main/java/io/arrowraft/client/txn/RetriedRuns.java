package io.arrowraft.client.txn;

import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.runtime.Async;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A body that runs in one transaction after the other, each with a start timestamp and reads of its
 * own, until one of them commits. On the client's loop.
 */
final class RetriedRuns<X extends WritableTransaction, T> {
  private final Transactions transactions;
  private final Supplier<CompletableFuture<X>> begin;
  private final Function<X, CompletableFuture<T>> body;
  private final Backoff backoff;
  private final CompletableFuture<T> result = new CompletableFuture<>();
  private int runs;

  RetriedRuns(
      Transactions transactions,
      Supplier<CompletableFuture<X>> begin,
      Function<X, CompletableFuture<T>> body,
      Backoff backoff) {
    this.transactions = transactions;
    this.begin = begin;
    this.body = body;
    this.backoff = backoff;
  }

  CompletableFuture<T> run() {
    runOnce();
    return result;
  }

  private void runOnce() {
    runs++;
    begin
        .get()
        .thenCompose(this::bodyAndCommit)
        .whenComplete(
            (value, failure) ->
                transactions.calls().loop().run(() -> ended(value, Async.cause(failure))));
  }

  private CompletableFuture<T> bodyAndCommit(X transaction) {
    CompletableFuture<T> run;
    try {
      run =
          body.apply(transaction)
              .thenCompose(
                  value ->
                      Async.on(transactions.calls().loop(), transaction.commit())
                          .thenApply(committed -> value));
    } catch (RuntimeException broken) {
      run = CompletableFuture.failedFuture(broken);
    }
    // Of no effect after a commit, whatever became of it; else it lets go of locks.
    return run.whenComplete((value, failure) -> transaction.rollback());
  }

  private void ended(T value, Throwable failure) {
    if (!Transactions.worthAnotherRun(failure)
        || runs >= transactions.calls().options().limits().transactionAttemptsMax()) {
      Async.settle(result, value, failure);
      return;
    }
    transactions.countRetry();
    backoff
        .pause(BackoffKind.CONFLICT, failure.getMessage())
        .whenComplete(
            (paused, late) -> {
              if (late == null) {
                runOnce();
              } else {
                result.completeExceptionally(Async.cause(late));
              }
            });
  }
}
