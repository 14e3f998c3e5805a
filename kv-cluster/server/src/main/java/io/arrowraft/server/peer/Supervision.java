package io.arrowraft.server.peer;

import java.time.Duration;

/**
 * What a store watches of its replicas and its disk.
 *
 * @param peerDownAfter silence after which a peer is reported as down; before it is reported as
 *     pending, one that cannot be relied upon
 * @param logSyncSlow a synced write of the Raft log that takes longer makes the store count as slow
 * @param consistencyInterval after which the replicas of the next region led here are compared;
 *     zero: never by itself
 */
public record Supervision(
    Duration peerDownAfter, Duration logSyncSlow, Duration consistencyInterval) {
  public Supervision {
    if (consistencyInterval.isNegative()) {
      throw new IllegalArgumentException(
          "consistencyInterval must not be negative: " + consistencyInterval);
    }
    if (peerDownAfter.isNegative() || logSyncSlow.isZero() || logSyncSlow.isNegative()) {
      throw new IllegalArgumentException(
          "durations must be positive: peerDownAfter="
              + peerDownAfter
              + ", logSyncSlow="
              + logSyncSlow);
    }
  }

  /** Down after ten minutes, slow from half a second, a region compared every five minutes. */
  public static Supervision defaults() {
    return new Supervision(Duration.ofMinutes(10), Duration.ofMillis(500), Duration.ofMinutes(5));
  }
}
