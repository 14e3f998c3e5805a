package io.arrowraft.raft;

import io.arrowraft.raft.core.Membership;
import io.arrowraft.raft.core.Message;
import io.arrowraft.runtime.EventLoop;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/**
 * A node with its log, its loops and its groups. Peer {@code n} of each group lives on store {@code
 * n}.
 */
final class TestStore {
  static final RaftGroupConfig CONFIG =
      RaftGroupConfig.withTicks(Duration.ofMillis(10), 10, 2).withProposals(100, 10_000);

  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final long id;
  private final FakeLoop.Schedule schedule;
  private final TestNetwork network;
  private final FakeLogStore logs;
  private final List<EventLoop> loops = new ArrayList<>();
  private final TreeMap<Long, TestMachine> machines = new TreeMap<>();
  private MultiRaft raft;
  private int starts;

  TestStore(long id, int loopCount, FakeLoop.Schedule schedule, TestNetwork network) {
    this.id = id;
    this.schedule = schedule;
    this.network = network;
    logs = new FakeLogStore(schedule.newLoop("log-" + id));
    for (int i = 0; i < loopCount; i++) {
      loops.add(schedule.newLoop("raft-" + id + "-" + i));
    }
    start();
  }

  private void start() {
    starts++;
    raft = new MultiRaft(MultiRaft.Config.defaults(CONFIG.tickInterval()), loops, this::newcomer);
    raft.start();
    network.attach(id, raft);
  }

  private void newcomer(RaftEnvelope envelope) {
    Message message = envelope.message();
    if (message instanceof Message.AppendRequest || message instanceof Message.HeartbeatRequest) {
      open(GroupStart.newcomer(envelope.groupId(), message.to()));
      raft.receive(envelope);
    }
  }

  void bootstrap(long groupId, Membership membership) {
    open(GroupStart.bootstrap(groupId, id, membership));
  }

  private void open(GroupStart start) {
    TestMachine machine =
        machines.computeIfAbsent(start.groupId(), group -> new TestMachine(network));
    machine.open(CONFIG, start, services(start.groupId()));
    raft.add(start.groupId(), machine.group());
  }

  private GroupServices services(long groupId) {
    return new GroupServices(
        raft.loopOf(groupId),
        schedule,
        new Random(id * 1_000 + groupId + starts * 100_000L),
        logs,
        network,
        id,
        new RaftMeters(meters));
  }

  /** Loses what is in memory and what is not on the disk yet; state machines are durable. */
  void restart() {
    crash();
    start();
    machines.forEach((groupId, machine) -> open(machine.restartOf(groupId, id)));
  }

  void crash() {
    raft.close();
    network.detach(id);
    machines.values().forEach(machine -> machine.group().close());
    logs.crash();
    schedule.runQueued();
  }

  long id() {
    return id;
  }

  FakeLogStore logs() {
    return logs;
  }

  MultiRaft raft() {
    return raft;
  }

  TestMachine machine(long groupId) {
    return machines.get(groupId);
  }

  boolean has(long groupId) {
    return machines.containsKey(groupId);
  }

  RaftGroup<String> group(long groupId) {
    return machines.get(groupId).group();
  }
}
