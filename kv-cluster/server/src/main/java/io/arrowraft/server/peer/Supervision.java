package io.arrowraft.server.peer;

import java.time.Duration;

/**
 * What a store watches of its replicas and its disk.
 *
 * @param peerDownAfter silence after which a peer is reported as down; before it is reported as
 *     pending, one that cannot be relied upon
 * @param logSyncSlow a synced write of the Raft log that takes longer makes the store count as slow
 * @param logStallMax a log that has stood still for longer costs the store its leaderships
 * @param consistency how fast the replicas of the regions led here are compared
 */
public record Supervision(
    Duration peerDownAfter,
    Duration logSyncSlow,
    Duration logStallMax,
    ConsistencyPace consistency) {
  public Supervision {
    if (logStallMax.compareTo(logSyncSlow) < 0) {
      throw new IllegalArgumentException(
          "a log is slow before it stands still: logSyncSlow=%s, logStallMax=%s"
              .formatted(logSyncSlow, logStallMax));
    }
    if (peerDownAfter.isNegative() || logSyncSlow.isZero() || logSyncSlow.isNegative()) {
      throw new IllegalArgumentException(
          "durations must be positive: peerDownAfter="
              + peerDownAfter
              + ", logSyncSlow="
              + logSyncSlow);
    }
  }

  /**
   * Down after ten minutes, slow from half a second, stalled after three, each region compared once
   * a day.
   */
  public static Supervision defaults() {
    return new Supervision(
        Duration.ofMinutes(10),
        Duration.ofMillis(500),
        Duration.ofSeconds(3),
        ConsistencyPace.defaults());
  }

  /** The same with another pace of comparisons. */
  public Supervision withConsistency(ConsistencyPace pace) {
    return new Supervision(peerDownAfter, logSyncSlow, logStallMax, pace);
  }

  /** The same with another time after which a region is compared again; zero: never. */
  public Supervision withConsistencyInterval(Duration interval) {
    return withConsistency(ConsistencyPace.within(interval));
  }

  /** The same with another time after which a silent peer is down. */
  public Supervision withPeerDownAfter(Duration silence) {
    return new Supervision(silence, logSyncSlow, logStallMax, consistency);
  }
}
