package io.arrowraft.raft;

import io.arrowraft.raft.core.RaftOptions;
import java.time.Duration;
import java.util.Objects;

/**
 * @param tickInterval how often {@link RaftGroup#tick} is called, at least this far apart
 * @param raft election and heartbeat in ticks, sizes; its peer id and applied index are those of
 *     each group
 * @param leaseDuration how long a leader relies on an acknowledged heartbeat round, from the moment
 *     it was sent. Shorter than the promise of the followers, by a margin for clocks that do not
 *     run alike
 * @param readTicksMax a read that is not answered after so many ticks fails
 * @param proposalsMax proposals of one group that are not applied
 * @param entryBytesMax the largest proposal
 * @param cacheBytesMax recent entries kept in memory for one group
 * @param writesInFlightMax writes of one group on their way to the disk, before the group waits
 * @param restTicks a group of which nothing was asked for so many ticks falls asleep; 0: never
 */
public record RaftGroupConfig(
    Duration tickInterval,
    RaftOptions raft,
    Duration leaseDuration,
    int readTicksMax,
    int proposalsMax,
    int entryBytesMax,
    long cacheBytesMax,
    int writesInFlightMax,
    int restTicks) {
  public RaftGroupConfig {
    Objects.requireNonNull(raft, "raft");
    Duration promise = tickInterval.multipliedBy(raft.electionTicks() - 1L);
    if (tickInterval.isZero() || tickInterval.isNegative()) {
      throw new IllegalArgumentException("tickInterval must be positive: " + tickInterval);
    }
    if (leaseDuration.isNegative() || leaseDuration.compareTo(promise) >= 0) {
      throw new IllegalArgumentException(
          "leaseDuration must be shorter than an election can take: "
              + leaseDuration
              + " against "
              + promise);
    }
    if (readTicksMax < 1
        || proposalsMax < 1
        || entryBytesMax < 1
        || cacheBytesMax < 0
        || writesInFlightMax < 1
        || restTicks < 0) {
      throw new IllegalArgumentException("a limit is out of range");
    }
  }

  /** Election in 1 to 2 s, heartbeats every 200 ms, leases of 720 ms. */
  public static RaftGroupConfig defaults() {
    return withTicks(Duration.ofMillis(100), 10, 2);
  }

  /** Everything else by default; the lease is four fifths of what followers promise. */
  public static RaftGroupConfig withTicks(
      Duration tickInterval, int electionTicks, int heartbeatTicks) {
    RaftOptions raft = RaftOptions.defaults(1).withTicks(electionTicks, heartbeatTicks);
    Duration lease = tickInterval.multipliedBy(electionTicks - 1L).multipliedBy(4).dividedBy(5);
    return new RaftGroupConfig(
        tickInterval, raft, lease, 2 * electionTicks, 4096, 8 << 20, 1 << 20, 64, 0);
  }

  public RaftGroupConfig withRaft(RaftOptions options) {
    return new RaftGroupConfig(
        tickInterval,
        options,
        leaseDuration,
        readTicksMax,
        proposalsMax,
        entryBytesMax,
        cacheBytesMax,
        writesInFlightMax,
        restTicks);
  }

  /** As {@link RaftOptions#lazyCommitNotice}. */
  public RaftGroupConfig withLazyCommitNotice(boolean lazy) {
    return withRaft(raft.withLazyCommitNotice(lazy));
  }

  /** Zero switches leases off. */
  public RaftGroupConfig withLease(Duration duration) {
    return new RaftGroupConfig(
        tickInterval,
        raft,
        duration,
        readTicksMax,
        proposalsMax,
        entryBytesMax,
        cacheBytesMax,
        writesInFlightMax,
        restTicks);
  }

  public RaftGroupConfig withProposals(int count, int bytes) {
    return new RaftGroupConfig(
        tickInterval,
        raft,
        leaseDuration,
        readTicksMax,
        count,
        bytes,
        cacheBytesMax,
        writesInFlightMax,
        restTicks);
  }

  /**
   * Lets groups fall asleep of which nothing is asked. For owners that watch over the stores of
   * sleeping groups ({@link StoreBeats}), and that do without a lease meanwhile.
   */
  public RaftGroupConfig withRest(int ticks) {
    return new RaftGroupConfig(
        tickInterval,
        raft,
        leaseDuration,
        readTicksMax,
        proposalsMax,
        entryBytesMax,
        cacheBytesMax,
        writesInFlightMax,
        ticks);
  }
}
