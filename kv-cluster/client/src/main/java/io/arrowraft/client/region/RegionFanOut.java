package io.arrowraft.client.region;

import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.runtime.Async;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/**
 * Runs a task over items of many regions, a bounded number at a time. What a batch leaves over,
 * because its region has moved, is cut anew and goes on. After a failure no further batch starts,
 * and the failure is reported once nothing runs any more, so that whoever cleans up has the keys to
 * itself.
 */
final class RegionFanOut<T> {
  private final RegionCalls calls;
  private final BatchShape<T> shape;
  private final RegionTask<T> task;
  private final int inFlightMax;
  private final Backoff backoff;
  private final Queue<Pending<T>> waiting = new ArrayDeque<>();
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private int running;
  private Throwable failure;

  private record Pending<T>(RegionBatch<T> batch, Backoff backoff) {}

  RegionFanOut(
      RegionCalls calls,
      BatchShape<T> shape,
      RegionTask<T> task,
      int inFlightMax,
      Backoff backoff) {
    this.calls = calls;
    this.shape = shape;
    this.task = task;
    this.inFlightMax = inFlightMax;
    this.backoff = backoff;
  }

  CompletableFuture<Void> run(List<T> items) {
    regroup(items, backoff);
    return done;
  }

  private void regroup(List<T> items, Backoff branch) {
    running++;
    calls
        .group(items, shape, branch)
        .whenComplete(
            (batches, failed) -> {
              running--;
              if (failed != null) {
                fail(failed);
              } else {
                for (int i = 0; i < batches.size(); i++) {
                  waiting.add(new Pending<>(batches.get(i), i == 0 ? branch : branch.fork()));
                }
              }
              advance();
            });
  }

  private void advance() {
    while (failure == null && running < inFlightMax && !waiting.isEmpty()) {
      start(waiting.remove());
    }
    if (running == 0) {
      if (failure != null) {
        done.completeExceptionally(failure);
      } else if (waiting.isEmpty()) {
        done.complete(null);
      }
    }
  }

  private void start(Pending<T> next) {
    running++;
    attempt(next)
        .whenComplete(
            (left, failed) -> {
              if (failed != null) {
                running--;
                fail(failed);
                advance();
              } else if (left.isEmpty()) {
                running--;
                advance();
              } else {
                again(left, next.backoff());
              }
            });
  }

  private CompletableFuture<List<T>> attempt(Pending<T> next) {
    try {
      return task.run(next.batch(), next.backoff());
    } catch (RuntimeException broken) {
      return CompletableFuture.failedFuture(broken);
    }
  }

  private void again(List<T> left, Backoff branch) {
    branch
        .pause(BackoffKind.REGION_MOVED, "regions moved while " + left.size() + " keys were left")
        .whenComplete(
            (paused, exhausted) -> {
              running--;
              if (exhausted != null) {
                fail(exhausted);
                advance();
              } else {
                regroup(left, branch);
              }
            });
  }

  private void fail(Throwable failed) {
    if (failure == null) {
      failure = Async.cause(failed);
    }
  }
}
