package io.arrowraft.simulation.check;

import java.util.ArrayList;
import java.util.List;

/**
 * Timestamps that clients were given: each must be above all that any of them had before it asked.
 */
public final class TimestampHistory {
  private final List<Violation> violations = new ArrayList<>();
  private long highest;
  private int given;

  /** The highest timestamp that anybody has: to be kept by who asks for another one. */
  public long highest() {
    return highest;
  }

  /**
   * A timestamp was given.
   *
   * @param highestBefore {@link #highest} as of when it was asked for
   */
  public void given(long timestamp, long highestBefore) {
    given++;
    if (Long.compareUnsigned(timestamp, highestBefore) <= 0) {
      violations.add(
          new Violation(
              "timestamps",
              "%d was given to a client that asked when another one already had %d"
                  .formatted(timestamp, highestBefore)));
    }
    if (Long.compareUnsigned(timestamp, highest) > 0) {
      highest = timestamp;
    }
  }

  public int given() {
    return given;
  }

  /** What the history breaks; empty if nothing. */
  public List<Violation> check() {
    return List.copyOf(violations);
  }
}
