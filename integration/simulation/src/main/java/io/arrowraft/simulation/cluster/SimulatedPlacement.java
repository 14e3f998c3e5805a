package io.arrowraft.simulation.cluster;

import io.arrowraft.pd.PdConfig;
import io.arrowraft.pd.PlacementDriver;
import io.arrowraft.pd.replication.GroupConfig;
import io.arrowraft.pd.replication.InitialMember;
import io.arrowraft.pd.replication.ReplicatedState;
import io.arrowraft.pd.schedule.ScheduleLimits;
import io.arrowraft.rpc.http.Telemetry;
import io.arrowraft.runtime.Environment;
import io.arrowraft.simulation.check.ReplicationHistory;
import io.arrowraft.simulation.world.SimulatedNode;
import io.arrowraft.simulation.world.SimulatedWorld;
import io.arrowraft.storage.raftlog.RaftLogEngine;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A machine on which a member of the placement driver runs. */
final class SimulatedPlacement implements SimulatedMachine {
  private static final int PORT = 2379;
  private static final int QUESTIONS_MAX = 64;

  private final SimulatedWorld world;
  private final StoreTuning tuning;
  private final SimulatedNode node;
  private final List<String> members;
  private final Disks disks;
  private final ReplicationHistory history;
  private ObservedLog log;
  private PlacementDriver driver;

  /**
   * @param members names of all members, this one among them
   */
  SimulatedPlacement(
      SimulatedWorld world,
      String name,
      List<String> members,
      StoreTuning tuning,
      ReplicationHistory history) {
    this.world = world;
    this.members = List.copyOf(members);
    this.tuning = tuning;
    this.history = history;
    this.node = world.newNode(name);
    this.disks = new Disks(world, node);
    node.expectFaults(Disk::ordered, () -> Restarts.stopAndStartAgain(world, this));
    wire();
  }

  @Override
  public SimulatedNode node() {
    return node;
  }

  static String address(String member) {
    return member + ":" + PORT;
  }

  /** What the process that runs or ran last has written to its log. */
  ObservedLog log() {
    return log;
  }

  @Override
  public void start() {
    node.restart();
    wire();
  }

  @Override
  public void crash(boolean losesPower) {
    node.crash();
    disks.crash(losesPower);
  }

  @Override
  public void restartInOrder() {
    Restarts.startAgainAfter(driver.stop(), world, this);
  }

  @Override
  public Optional<Disks> disks() {
    return Optional.of(disks);
  }

  private PdConfig config() {
    ScheduleLimits limits = ScheduleLimits.defaults();
    Duration disconnected = tuning.heartbeat().multipliedBy(3);
    GroupConfig group = GroupConfig.alone(node.name());
    return PdConfig.defaults(node.name(), PORT)
        .withGroup(
            members.size() == 1
                ? group
                : group.withInitialCluster(
                    members.stream()
                        .map(member -> new InitialMember(member, address(member)))
                        .toList()))
        .withReplicas(ClusterOptions.REPLICAS)
        .withSchedule(
            new ScheduleLimits(
                limits.interval(),
                disconnected.compareTo(tuning.downAfter()) < 0 ? disconnected : tuning.downAfter(),
                tuning.downAfter(),
                limits.replicaOperatorsMax(),
                limits.leaderOperatorsMax()));
  }

  private void wire() {
    Environment environment = node.environment();
    RaftLogEngine logs = disks.openLog(environment.loops().newLoop("log"), environment.faults());
    log =
        new ObservedLog(
            logs, logs, node.name(), "pd-", history, group -> Optional.empty(), node.afterWaits());
    driver =
        new PlacementDriver(
            config(),
            environment,
            world.network().servers(node),
            world.network().client(node),
            new ReplicatedState.Storage(log, disks.openData()));
    // Nobody listens for HTTP here, but members pass on what is asked over it.
    driver.http(
        Telemetry.unexposed(environment.meters()),
        environment.loops().newPool("http", 1, QUESTIONS_MAX)::execute);
    driver
        .start()
        .whenComplete(
            (clusterId, failure) -> {
              if (failure != null) {
                environment.faults().fatal("start of the placement driver", failure);
              }
            });
  }
}
