package io.arrowraft.server.peer;

import io.arrowraft.server.apply.EntryOutcome;
import java.util.concurrent.CompletableFuture;

/** A command under way, and who waits for what becomes of it. */
record Proposal(CompletableFuture<EntryOutcome> done) {
  /** A command whose fate shows in the region alone. */
  static Proposal unwatched() {
    return new Proposal(new CompletableFuture<>());
  }
}
