package io.arrowraft.client.txn;

import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.runtime.Async;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that goes on after its transaction has returned: committing secondary keys, rolling back. If
 * it fails nothing is lost, since whoever meets the locks resolves them. Confined to the client's
 * loop.
 */
final class BackgroundWork {
  private static final Logger LOG = LoggerFactory.getLogger(BackgroundWork.class);

  private final RegionCalls calls;
  private final int runningMax;
  private final List<CompletableFuture<Void>> waitingForEnd = new ArrayList<>();
  private int running;

  BackgroundWork(RegionCalls calls) {
    this.calls = calls;
    this.runningMax = calls.options().limits().backgroundCommitsMax();
  }

  /**
   * Starts work of its own deadline.
   *
   * @return complete at once, or, when too much runs already, once this work has ended; never fails
   */
  CompletableFuture<Void> start(
      String what, long startTs, Function<Backoff, CompletableFuture<Void>> work) {
    running++;
    CompletableFuture<Void> ended = new CompletableFuture<>();
    calls
        .background(work)
        .whenComplete(
            (done, failure) -> {
              running--;
              if (failure != null) {
                LOG.debug(
                    "background work failed, readers will finish it: what={}, transaction={}",
                    what,
                    startTs,
                    Async.cause(failure));
              }
              ended.complete(null);
              if (running == 0) {
                waitingForEnd.forEach(waiting -> waiting.complete(null));
                waitingForEnd.clear();
              }
            });
    return running > runningMax ? ended : CompletableFuture.completedFuture(null);
  }

  /** Complete when nothing runs. */
  CompletableFuture<Void> idle() {
    CompletableFuture<Void> idle = new CompletableFuture<>();
    if (running == 0) {
      idle.complete(null);
    } else {
      waitingForEnd.add(idle);
    }
    return idle;
  }
}
