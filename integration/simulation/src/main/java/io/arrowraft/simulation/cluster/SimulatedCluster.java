package io.arrowraft.simulation.cluster;

import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.simulation.check.ReplicationHistory;
import io.arrowraft.simulation.workload.CoprocessorWorkload;
import io.arrowraft.simulation.workload.OperatorDesk;
import io.arrowraft.simulation.world.SimulatedWorld;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A placement driver, stores and clients in one world. */
public final class SimulatedCluster {
  private static final Duration WATCH = Duration.ofMillis(200);

  /** Where stores stand, and clients that read what is near. */
  static final int ZONES = 3;

  private final SimulatedWorld world;
  private final ReplicationHistory replication = new ReplicationHistory();
  private final List<SimulatedPlacement> placement = new ArrayList<>();
  private final List<SimulatedStore> stores = new ArrayList<>();
  private final List<SimulatedClientMachine> clients = new ArrayList<>();
  private final BitRot rot = new BitRot(stores);

  /** A cluster that starts now. */
  public SimulatedCluster(SimulatedWorld world, ClusterOptions options) {
    this.world = world;
    List<String> members = new ArrayList<>();
    for (int i = 1; i <= options.members(); i++) {
      members.add("pd-" + i);
    }
    for (String member : members) {
      placement.add(new SimulatedPlacement(world, member, members, options.tuning(), replication));
    }
    List<String> addresses = members.stream().map(SimulatedPlacement::address).toList();
    for (int i = 1; i <= options.stores(); i++) {
      String zone = "z" + i % ZONES;
      stores.add(
          new SimulatedStore(world, "store-" + i, zone, addresses, options.tuning(), replication));
    }
    PromiseWatch promises = new PromiseWatch(world, replication);
    stores.forEach(promises::add);
    placement.forEach(member -> promises.add(member.node().name(), member::log));
    world.network().listenIn(promises);
    for (int i = 1; i <= options.clients(); i++) {
      clients.add(
          new SimulatedClientMachine(
              world, "client-" + i, options.clientOptions(addresses, i), options.clientRpc()));
    }
  }

  public SimulatedWorld world() {
    return world;
  }

  /** The members of the placement driver. */
  public List<SimulatedMachine> placement() {
    return List.copyOf(placement);
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

  /** Turns a bit of what one of the stores holds; tells of which, unless none may rot now. */
  public Optional<String> turnABit(RandomGenerator random) {
    return rot.turnOne(random);
  }

  /** The way to all services from the first client's machine. */
  public RpcClient rpc() {
    return world.network().client(clients.get(0).node());
  }

  /** Where programs wait that pull the results of plans. */
  public CoprocessorWorkload.Readers readers() {
    return new WaitingReaders(world);
  }

  /** Where an operator sits: the first client's machine. */
  public OperatorDesk desk() {
    return new OperatorDesk(
        this::rpc,
        placement.stream().map(member -> SimulatedPlacement.address(member.node().name())).toList(),
        request -> stores.forEach(store -> store.ask(request)));
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
    machines.addAll(placement);
    machines.addAll(stores);
    machines.addAll(clients);
    return machines;
  }
}
