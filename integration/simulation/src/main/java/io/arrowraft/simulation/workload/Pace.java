package io.arrowraft.simulation.workload;

import java.time.Duration;

/**
 * How close upon each other sessions do their operations. They come in tides: so many begin as fast
 * as the pauses allow, and then nothing more until the next tide. That keeps them as crowded as in
 * a long run while a seed stays short, and between two tides regions fall asleep.
 *
 * @param pauseMax the longest pause of a session between two operations: the shorter, the more they
 *     meet
 * @param tide how long a tide lasts, with the ebb that follows
 * @param operationsPerTide how many operations begin in each, over all sessions
 */
public record Pace(Duration pauseMax, Duration tide, int operationsPerTide) {
  private static final Duration ENDLESS = Duration.ofDays(365);

  public Pace {
    if (tide.toNanos() < 1 || operationsPerTide < 1) {
      throw new IllegalArgumentException(
          "a pace without operations: tide=" + tide + ", operationsPerTide=" + operationsPerTide);
    }
  }

  /** Without an ebb. */
  public static Pace steady(Duration pauseMax) {
    return new Pace(pauseMax, ENDLESS, Integer.MAX_VALUE);
  }
}
