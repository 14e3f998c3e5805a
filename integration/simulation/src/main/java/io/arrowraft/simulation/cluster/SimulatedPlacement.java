package io.arrowraft.simulation.cluster;

import io.arrowraft.pd.PdConfig;
import io.arrowraft.pd.PlacementDriver;
import io.arrowraft.pd.replication.ReplicatedState;
import io.arrowraft.runtime.Environment;
import io.arrowraft.simulation.world.SimulatedNode;
import io.arrowraft.simulation.world.SimulatedWorld;
import io.arrowraft.storage.raftlog.RaftLogEngine;

/** A machine on which the placement driver runs. */
final class SimulatedPlacement implements SimulatedMachine {
  private static final int PORT = 2379;

  private final SimulatedWorld world;
  private final SimulatedNode node;
  private final Disk data;
  private final Disk log;

  SimulatedPlacement(SimulatedWorld world) {
    this.world = world;
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

  private void wire() {
    Environment environment = node.environment();
    PlacementDriver driver =
        new PlacementDriver(
            PdConfig.defaults(node.name(), PORT),
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
