package io.arrowraft.pd.schedule;

import java.time.Duration;

/**
 * Limits of scheduling.
 *
 * @param interval between two rounds
 * @param storeDisconnectedAfter silence after which a store gets no new peers and leaders
 * @param storeDownAfter silence after which a store's peers are replaced
 * @param replicaOperatorsMax operators that change peers, at once
 * @param leaderOperatorsMax operators that only move leaders, at once
 */
public record ScheduleLimits(
    Duration interval,
    Duration storeDisconnectedAfter,
    Duration storeDownAfter,
    int replicaOperatorsMax,
    int leaderOperatorsMax) {
  public ScheduleLimits {
    if (interval.isZero() || interval.isNegative()) {
      throw new IllegalArgumentException("schedule interval must be positive, is " + interval);
    }
    if (storeDownAfter.compareTo(storeDisconnectedAfter) < 0) {
      throw new IllegalArgumentException(
          "a store cannot be down before it is disconnected: down after "
              + storeDownAfter
              + ", disconnected after "
              + storeDisconnectedAfter);
    }
    if (replicaOperatorsMax < 1 || leaderOperatorsMax < 1) {
      throw new IllegalArgumentException(
          "limits must be positive: replica "
              + replicaOperatorsMax
              + ", leader "
              + leaderOperatorsMax);
    }
  }

  /** A round each 200 ms; disconnected after 20 s, down after 30 minutes; 16 and 8 operators. */
  public static ScheduleLimits defaults() {
    return new ScheduleLimits(
        Duration.ofMillis(200), Duration.ofSeconds(20), Duration.ofMinutes(30), 16, 8);
  }
}
