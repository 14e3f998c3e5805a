package io.arrowraft.server.peer;

import io.arrowraft.server.apply.EntryOutcome;
import io.arrowraft.server.region.RequestTimes;
import java.util.concurrent.CompletableFuture;

/**
 * A command under way, and who waits for what becomes of it.
 *
 * @param times of the request that it came with
 */
record Proposal(CompletableFuture<EntryOutcome> done, RequestTimes times) {
  /** A command whose fate shows in the region alone. */
  static Proposal unwatched() {
    return new Proposal(new CompletableFuture<>(), RequestTimes.UNWATCHED);
  }
}
