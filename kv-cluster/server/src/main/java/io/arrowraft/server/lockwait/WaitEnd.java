package io.arrowraft.server.lockwait;

/** How a wait for a lock ended. */
public sealed interface WaitEnd {
  /** Try again; {@code turn} must be told what came of it. */
  record Retry(Turn turn) implements WaitEnd {}

  /** The lock is still there. */
  record TimedOut() implements WaitEnd {}

  /** The wait would never have ended. */
  record Deadlocked(Deadlock deadlock) implements WaitEnd {}

  /** The right to try before the others who wait for the same key. */
  @FunctionalInterface
  interface Turn {
    /**
     * The attempt is over. To be called exactly once, before anybody else is told.
     *
     * @param holder start timestamp of whoever has the key locked now, as far as the attempt has
     *     seen; 0 if nobody
     */
    void end(long holder);
  }
}
