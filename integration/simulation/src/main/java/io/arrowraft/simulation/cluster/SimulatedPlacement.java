package io.arrowraft.simulation.cluster;

import io.arrowraft.pd.PdConfig;
import io.arrowraft.pd.PlacementDriver;
import io.arrowraft.pd.replication.ReplicatedState;
import io.arrowraft.pd.schedule.ScheduleLimits;
import io.arrowraft.runtime.Environment;
import io.arrowraft.simulation.world.SimulatedNode;
import io.arrowraft.simulation.world.SimulatedWorld;
import io.arrowraft.storage.raftlog.RaftLogEngine;
import java.time.Duration;

/** A machine on which the placement driver runs. */
final class SimulatedPlacement implements SimulatedMachine {
  private static final int PORT = 2379;

  private final SimulatedWorld world;
  private final StoreTuning tuning;
  private final SimulatedNode node;
  private final Disk data;
  private final Disk log;

  SimulatedPlacement(SimulatedWorld world, StoreTuning tuning) {
    this.world = world;
    this.tuning = tuning;
    this.node = world.newNode("pd");
    this.data = new Disk(world.newGenerator("disk/pd/data"));
    this.log = new Disk(world.newGenerator("disk/pd/log"));
    wire();
  }

  @Override
  public SimulatedNode node() {
    return node;
  }

  String address() {
    return node.name() + ":" + PORT;
  }

  @Override
  public void start() {
    node.restart();
    wire();
  }

  @Override
  public void crash(boolean losesPower) {
    node.crash();
    data.crash(losesPower);
    log.crash(losesPower);
  }

  private PdConfig config() {
    ScheduleLimits limits = ScheduleLimits.defaults();
    Duration disconnected = tuning.heartbeat().multipliedBy(3);
    return PdConfig.defaults(node.name(), PORT)
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
    PlacementDriver driver =
        new PlacementDriver(
            config(),
            environment,
            world.network().servers(node),
            new ReplicatedState.Storage(
                new RaftLogEngine(
                    log.engine(), environment.loops().newLoop("log"), environment.faults()),
                data.engine()));
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
