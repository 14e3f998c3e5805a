package io.arrowraft.server.lockwait;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Is told of all waits of this store and finds circles among those of the whole cluster. */
public interface DeadlockDetector {
  /**
   * A transaction begins to wait, for {@code bound} at most.
   *
   * @return the circle that the wait would close, if there is one; empty also if nobody can tell
   *     now. Never fails
   */
  CompletionStage<Optional<Deadlock>> waits(WaitFor edge, Duration bound);

  /** The transaction no longer waits for the other. */
  void ended(WaitFor edge);
}
