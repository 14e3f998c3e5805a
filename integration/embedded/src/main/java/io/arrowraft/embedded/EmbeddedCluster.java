package io.arrowraft.embedded;

import io.arrowraft.pd.PdConfig;
import io.arrowraft.pd.main.PdProcess;
import io.arrowraft.pd.replication.GroupConfig;
import io.arrowraft.pd.replication.InitialMember;
import io.arrowraft.rpc.http.Telemetry;
import io.arrowraft.runtime.threads.OpenResources;
import io.arrowraft.server.coprocessor.CoprocessorCounters;
import io.arrowraft.server.main.StoreProcess;
import io.arrowraft.server.peer.RegionConfig;
import io.arrowraft.server.peer.StoreRegions;
import io.arrowraft.server.store.StoreConfig;
import io.arrowraft.storage.engine.DiskOptions;
import io.arrowraft.storage.rocks.RocksMemory;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running cluster in this process, on free loopback ports. Safe for use by any thread. */
public final class EmbeddedCluster implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedCluster.class);
  private static final String HOST = "127.0.0.1";

  /** What is closed at the end, the last opened first. */
  private final OpenResources opened = new OpenResources();

  private final List<StoreProcess> stores = new ArrayList<>();
  private final List<MeterRegistry> storeMeters = new ArrayList<>();
  private final AtomicReference<Throwable> fault = new AtomicReference<>();
  private final List<PdProcess> pds = new ArrayList<>();

  private EmbeddedCluster() {}

  /**
   * Starts a cluster and waits until it serves.
   *
   * @throws RuntimeException naming the directory if it is in use or damaged
   */
  public static EmbeddedCluster start(EmbeddedOptions options) {
    EmbeddedCluster cluster = new EmbeddedCluster();
    try {
      cluster.open(options);
      return cluster;
    } catch (RuntimeException failure) {
      cluster.close();
      throw failure;
    }
  }

  /**
   * {@code host:port} of the placement driver, or of all its members with commas between: what
   * clients are given.
   */
  public String pdAddress() {
    return String.join(",", pdAddresses());
  }

  private List<String> pdAddresses() {
    return pds.stream().map(PdProcess::address).toList();
  }

  /** {@code host:port} of each store. */
  public List<String> storeAddresses() {
    return stores.stream().map(store -> store.node().address()).toList();
  }

  /** What the coprocessors of all stores have counted together. */
  public CoprocessorCounters.Values coprocessorCounters() {
    return stores.stream()
        .map(store -> store.node().services().coprocessorCounters().values())
        .reduce(CoprocessorCounters.Values.NONE, CoprocessorCounters.Values::plus);
  }

  /** Syncs of the Raft logs of all stores since the start. */
  public long logSyncs() {
    return stores.stream().mapToLong(StoreProcess::logSyncs).sum();
  }

  /** Replicas of all stores that do not sleep; a region that nobody uses sleeps after a while. */
  public long awakeReplicas() {
    return storeMeters.stream()
        .mapToLong(meters -> (long) meters.get("arrowraft_store_awake_replicas").gauge().value())
        .sum();
  }

  /**
   * Does nothing while every node is well.
   *
   * @throws IllegalStateException if a node has met a fault and stopped
   */
  public void check() {
    Throwable failed = fault.get();
    if (failed != null) {
      throw new IllegalStateException("a node of the cluster has stopped: " + failed, failed);
    }
  }

  /** Stops the stores, then the placement driver. */
  @Override
  public void close() {
    opened.close();
  }

  private void open(EmbeddedOptions options) {
    RocksMemory memory =
        opened.add(new RocksMemory(options.cacheBytes(), options.cacheBytes() / 2));
    startPlacementDrivers(options);
    for (int store = 1; store <= options.stores(); store++) {
      MeterRegistry meters = new SimpleMeterRegistry();
      storeMeters.add(meters);
      stores.add(
          opened.add(
              StoreProcess.start(
                  options.directory().resolve("store-" + store),
                  StoreConfig.defaults(HOST, 0)
                      .withThreads(threads(options))
                      .withRegions(RegionConfig.defaults().withSplitBytes(options.splitBytes())),
                  pdAddresses(),
                  memory,
                  this::onFault,
                  Telemetry.unexposed(meters))));
    }
  }

  /** The stores share the processors. */
  private static StoreRegions.Threads threads(EmbeddedOptions options) {
    return StoreRegions.Threads.forProcessors(
        Runtime.getRuntime().availableProcessors() / options.stores());
  }

  private void startPlacementDrivers(EmbeddedOptions options) {
    List<InitialMember> members =
        options.placementDrivers() == 1
            ? List.of()
            : membersOnFreePorts(options.placementDrivers());
    for (int i = 1; i <= options.placementDrivers(); i++) {
      String name = "pd-" + i;
      int port = members.isEmpty() ? 0 : port(members.get(i - 1).address());
      pds.add(
          opened.add(
              PdProcess.begin(
                  options.directory().resolve(i == 1 ? "pd" : name),
                  PdConfig.defaults(HOST, port)
                      .withGroup(GroupConfig.alone(name).withInitialCluster(members))
                      .withReplicas(options.replicas()),
                  DiskOptions.defaults(),
                  this::onFault,
                  Telemetry.unexposed(new SimpleMeterRegistry()))));
    }
    // Together, since most of them have to be there before any of them serves.
    pds.forEach(PdProcess::awaitServing);
  }

  /** Members have to know one another's ports before they listen. */
  private static List<InitialMember> membersOnFreePorts(int count) {
    List<ServerSocket> held = new ArrayList<>();
    try {
      List<InitialMember> members = new ArrayList<>();
      for (int i = 1; i <= count; i++) {
        ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST));
        held.add(socket);
        members.add(new InitialMember("pd-" + i, HOST + ":" + socket.getLocalPort()));
      }
      return members;
    } catch (IOException none) {
      throw new UncheckedIOException("no free port on " + HOST, none);
    } finally {
      held.forEach(EmbeddedCluster::release);
    }
  }

  private static void release(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException stuck) {
      throw new UncheckedIOException(stuck);
    }
  }

  private static int port(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  private void onFault(String component, Throwable cause) {
    LOG.atError().addKeyValue("component", component).setCause(cause).log("a node has met a fault");
    fault.compareAndSet(null, cause);
  }
}
