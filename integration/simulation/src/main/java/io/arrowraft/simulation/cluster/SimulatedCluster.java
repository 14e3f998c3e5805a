package io.arrowraft.simulation.cluster;

import io.arrowraft.simulation.check.ReplicationHistory;
import io.arrowraft.simulation.world.SimulatedWorld;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A placement driver, stores and clients in one world. */
public final class SimulatedCluster {
  private static final Duration WATCH = Duration.ofMillis(200);

  private final SimulatedWorld world;
  private final ReplicationHistory replication = new ReplicationHistory();
  private final SimulatedPlacement placement;
  private final List<SimulatedStore> stores = new ArrayList<>();
  private final List<SimulatedClientMachine> clients = new ArrayList<>();

  /** A cluster that starts now. */
  public SimulatedCluster(SimulatedWorld world, ClusterOptions options) {
    this.world = world;
    this.placement = new SimulatedPlacement(world, options.tuning(), replication);
    for (int i = 1; i <= options.stores(); i++) {
      stores.add(
          new SimulatedStore(
              world, "store-" + i, placement.address(), options.tuning(), replication));
    }
    PromiseWatch promises = new PromiseWatch(world, replication);
    stores.forEach(promises::add);
    world.network().listenIn(promises);
    for (int i = 1; i <= options.clients(); i++) {
      clients.add(
          new SimulatedClientMachine(
              world,
              "client-" + i,
              options.clientOptions(placement.address()),
              options.clientRpc()));
    }
  }

  public SimulatedWorld world() {
    return world;
  }

  public SimulatedMachine placement() {
    return placement;
  }

  public List<SimulatedMachine> stores() {
    return List.copyOf(stores);
  }

  public List<SimulatedClientMachine> clients() {
    return List.copyOf(clients);
  }

  /** What the replicas did so far. */
  public ReplicationHistory replication() {
    return replication;
  }

  /** Looks at the ranges of all replicas, now and from now on. */
  public void watchRanges() {
    stores.forEach(SimulatedStore::tellRanges);
    world.at(WATCH, this::watchRanges);
  }

  /** What an operator on the first client's machine can see. */
  public ClusterAudit audit() {
    SimulatedClientMachine desk = clients.get(0);
    return new ClusterAudit(
        desk.client().placement(),
        world.network().client(desk.node()),
        Math.min(ClusterOptions.REPLICAS, stores.size()));
  }

  /** All machines, always in the same order. */
  public List<SimulatedMachine> machines() {
    List<SimulatedMachine> machines = new ArrayList<>();
    machines.add(placement);
    machines.addAll(stores);
    machines.addAll(clients);
    return machines;
  }
}
