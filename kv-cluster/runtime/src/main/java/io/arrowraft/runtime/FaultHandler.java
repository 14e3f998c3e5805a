package io.arrowraft.runtime;

/**
 * Stops a node that can no longer be trusted: a broken invariant, a failed sync, an uncaught
 * exception on a loop. It returns at once; the stop follows. Safe for use by any thread.
 */
@FunctionalInterface
public interface FaultHandler {
  /**
   * @param component what failed, for the log
   * @param cause why
   */
  void fatal(String component, Throwable cause);
}
