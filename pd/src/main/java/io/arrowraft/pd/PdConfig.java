package io.arrowraft.pd;

import io.arrowraft.pd.schedule.ScheduleLimits;
import io.arrowraft.pd.tso.TimestampWindow;

/**
 * Settings of one member.
 *
 * @param name what people call it
 * @param memberId its peer id in the placement driver's own group
 * @param host address to listen on
 * @param port port to listen on; 0: any free one
 * @param advertisedHost host that clients are told; empty: {@code host}
 * @param replicas peers that each region should have
 * @param waitersMax callers that may wait for timestamps, and for ids, at once
 */
public record PdConfig(
    String name,
    long memberId,
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

  /** One member on {@code host:port}, three replicas, a hundred thousand waiters. */
  public static PdConfig defaults(String host, int port) {
    return new PdConfig(
        "pd-1",
        1,
        host,
        port,
        "",
        3,
        100_000,
        TimestampWindow.defaults(),
        ScheduleLimits.defaults());
  }

  /** The same with another number of replicas. */
  public PdConfig withReplicas(int count) {
    return new PdConfig(
        name, memberId, host, port, advertisedHost, count, waitersMax, timestamps, schedule);
  }

  /** The same with other limits of scheduling. */
  public PdConfig withSchedule(ScheduleLimits limits) {
    return new PdConfig(
        name, memberId, host, port, advertisedHost, replicas, waitersMax, timestamps, limits);
  }

  /** {@code host:port} that clients are told when the server listens at {@code bound}. */
  String advertise(String bound) {
    return advertisedHost.isEmpty()
        ? bound
        : advertisedHost + bound.substring(bound.lastIndexOf(':'));
  }
}
