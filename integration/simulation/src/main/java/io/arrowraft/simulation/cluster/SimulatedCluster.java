package io.arrowraft.simulation.cluster;

import io.arrowraft.simulation.world.SimulatedWorld;
import java.util.ArrayList;
import java.util.List;

/** A placement driver, stores and clients in one world. */
public final class SimulatedCluster {
  private final SimulatedWorld world;
  private final SimulatedPlacement placement;
  private final List<SimulatedStore> stores = new ArrayList<>();
  private final List<SimulatedClientMachine> clients = new ArrayList<>();

  /** A cluster that starts now. */
  public SimulatedCluster(SimulatedWorld world, ClusterOptions options) {
    this.world = world;
    this.placement = new SimulatedPlacement(world, options.tuning());
    for (int i = 1; i <= options.stores(); i++) {
      stores.add(new SimulatedStore(world, "store-" + i, placement.address(), options.tuning()));
    }
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
