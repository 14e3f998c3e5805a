package io.arrowraft.pd;

import io.arrowraft.pd.replication.GroupConfig;
import io.arrowraft.pd.schedule.ScheduleLimits;
import io.arrowraft.pd.tso.TimestampWindow;

/**
 * Settings of one member.
 *
 * @param group its name, and with whom it replicates its state
 * @param host address to listen on
 * @param port port to listen on; 0: any free one
 * @param advertisedHost host that clients are told; empty: {@code host}
 * @param replicas peers that each region should have
 * @param waitersMax callers that may wait for timestamps, and for ids, at once
 */
public record PdConfig(
    GroupConfig group,
    String host,
    int port,
    String advertisedHost,
    int replicas,
    int waitersMax,
    TimestampWindow timestamps,
    ScheduleLimits schedule) {
  public PdConfig {
    if (replicas < 1) {
      throw new IllegalArgumentException("replicas must be at least 1, is " + replicas);
    }
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port must be between 0 and 65535, is " + port);
    }
    if (waitersMax < 1) {
      throw new IllegalArgumentException("waitersMax must be at least 1, is " + waitersMax);
    }
  }

  /** What people call it. */
  public String name() {
    return group.name();
  }

  /** One member on {@code host:port}, three replicas, a hundred thousand waiters. */
  public static PdConfig defaults(String host, int port) {
    return new PdConfig(
        GroupConfig.alone("pd-1"),
        host,
        port,
        "",
        3,
        100_000,
        TimestampWindow.defaults(),
        ScheduleLimits.defaults());
  }

  /** The same as part of a group. */
  public PdConfig withGroup(GroupConfig other) {
    return new PdConfig(
        other, host, port, advertisedHost, replicas, waitersMax, timestamps, schedule);
  }

  /** The same, told to clients and other members under another host. */
  public PdConfig withAdvertisedHost(String other) {
    return new PdConfig(group, host, port, other, replicas, waitersMax, timestamps, schedule);
  }

  /** The same with another number of replicas. */
  public PdConfig withReplicas(int count) {
    return new PdConfig(group, host, port, advertisedHost, count, waitersMax, timestamps, schedule);
  }

  /** The same with other limits of scheduling. */
  public PdConfig withSchedule(ScheduleLimits limits) {
    return new PdConfig(
        group, host, port, advertisedHost, replicas, waitersMax, timestamps, limits);
  }

  /** {@code host:port} that clients are told when the server listens at {@code bound}. */
  String advertise(String bound) {
    return advertisedHost.isEmpty()
        ? bound
        : advertisedHost + bound.substring(bound.lastIndexOf(':'));
  }
}
