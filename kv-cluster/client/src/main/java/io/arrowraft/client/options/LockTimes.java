package io.arrowraft.client.options;

import java.time.Duration;

/**
 * How long the locks of a transaction protect it from being rolled back by others.
 *
 * @param ttl of a transaction that one request per region can carry
 * @param managedTtl of a larger one, renewed while it commits
 * @param heartbeatInterval how often a managed lock is renewed; at most half of {@code managedTtl}
 * @param pessimisticMax how long a pessimistic transaction keeps its locks alive at most, from its
 *     start: beyond it others may roll it back
 */
public record LockTimes(
    Duration ttl, Duration managedTtl, Duration heartbeatInterval, Duration pessimisticMax) {
  public LockTimes {
    Checks.positive("ttl", ttl);
    Checks.positive("managedTtl", managedTtl);
    Checks.positive("heartbeatInterval", heartbeatInterval);
    Checks.positive("pessimisticMax", pessimisticMax);
    Checks.ordered("ttl", ttl, "managedTtl", managedTtl);
    Checks.ordered(
        "twice heartbeatInterval", heartbeatInterval.multipliedBy(2), "managedTtl", managedTtl);
  }

  /** With an hour for pessimistic transactions. */
  public LockTimes(Duration ttl, Duration managedTtl, Duration heartbeatInterval) {
    this(ttl, managedTtl, heartbeatInterval, Duration.ofHours(1));
  }

  /** 3 s, 20 s, 10 s, 1 h. */
  public static LockTimes defaults() {
    return new LockTimes(Duration.ofSeconds(3), Duration.ofSeconds(20), Duration.ofSeconds(10));
  }
}
