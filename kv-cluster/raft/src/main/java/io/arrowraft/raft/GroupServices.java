package io.arrowraft.raft;

import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * What a group works with.
 *
 * @param loop owns the group
 * @param random draws election timeouts; used on the loop only
 * @param transport for messages sent from the loop
 * @param promises for messages sent from the log's thread, when what they promise is durable
 * @param storeId the node this replica is on, as peers address it
 * @param meters shared by the groups of a node
 */
public record GroupServices(
    EventLoop loop,
    TimeSource time,
    RandomGenerator random,
    LogStore logs,
    PeerTransport transport,
    PeerTransport promises,
    long storeId,
    RaftMeters meters) {
  public GroupServices {
    Objects.requireNonNull(loop, "loop");
    Objects.requireNonNull(time, "time");
    Objects.requireNonNull(random, "random");
    Objects.requireNonNull(logs, "logs");
    Objects.requireNonNull(transport, "transport");
    Objects.requireNonNull(promises, "promises");
    Objects.requireNonNull(meters, "meters");
  }

  /** The same over another log store. */
  public GroupServices withLogs(LogStore other) {
    return new GroupServices(loop, time, random, other, transport, promises, storeId, meters);
  }

  /** With one transport for all messages. */
  public GroupServices(
      EventLoop loop,
      TimeSource time,
      RandomGenerator random,
      LogStore logs,
      PeerTransport transport,
      long storeId,
      RaftMeters meters) {
    this(loop, time, random, logs, transport, transport, storeId, meters);
  }
}
