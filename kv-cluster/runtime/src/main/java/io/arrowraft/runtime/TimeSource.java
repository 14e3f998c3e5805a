package io.arrowraft.runtime;

/** The two clocks of a node. Safe for use by any thread. */
public interface TimeSource {
  /**
   * Monotonic time in nanoseconds since an arbitrary origin: for deadlines, leases and latencies.
   */
  long nanos();

  /**
   * Wall-clock time in milliseconds since the epoch: for timestamps that people or other nodes
   * read. It may step.
   */
  long wallMillis();
}
