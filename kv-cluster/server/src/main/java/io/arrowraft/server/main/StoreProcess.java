package io.arrowraft.server.main;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.PdClientConfig;
import io.arrowraft.pd.client.RpcPdClient;
import io.arrowraft.rpc.grpc.GrpcRpcClient;
import io.arrowraft.rpc.grpc.GrpcRpcServers;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
import io.arrowraft.rpc.grpc.HttpServers;
import io.arrowraft.rpc.grpc.IoThreads;
import io.arrowraft.rpc.http.Telemetry;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.FaultHandler;
import io.arrowraft.runtime.rpc.RpcServer;
import io.arrowraft.runtime.threads.Blocking;
import io.arrowraft.runtime.threads.OpenResources;
import io.arrowraft.runtime.threads.SystemRandom;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.runtime.threads.ThreadLoopFactory;
import io.arrowraft.server.peer.StoreRegions;
import io.arrowraft.server.status.OnlineConfig;
import io.arrowraft.server.status.StoreStatusHttp;
import io.arrowraft.server.store.StoreConfig;
import io.arrowraft.server.store.StoreNode;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.raftlog.RaftLogEngine;
import io.arrowraft.storage.rocks.DataDirectory;
import io.arrowraft.storage.rocks.RocksEngine;
import io.arrowraft.storage.rocks.RocksMemory;
import io.arrowraft.storage.rocks.RocksOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A running store, over RocksDB and gRPC. */
public final class StoreProcess implements AutoCloseable {
  private static final Duration START_BOUND = Duration.ofMinutes(5);
  private static final Duration LEAVE_PATIENCE = Duration.ofSeconds(8);
  private static final Duration STOP_BOUND = Duration.ofSeconds(10);
  private static final int STATUS_QUESTIONS_MAX = 16;
  private static final int LOG_READS_MAX = 1_024;

  /** What to close, the last opened first. */
  private final OpenResources opened = new OpenResources();

  private StoreNode node;
  private RaftLogEngine log;

  /** What the status endpoint shows; set once the store serves, until it stops. */
  private volatile Serving serving;

  private record Serving(long clusterId, StoreNode node, OnlineConfig online) {}

  private final Consumer<String> logLevels;

  private StoreProcess(Consumer<String> logLevels) {
    this.logLevels = logLevels;
  }

  /**
   * Starts a store and waits until it serves.
   *
   * @param root data directory; made if it is not there
   * @param pdAddresses {@code host:port} of members of the placement driver
   * @param memory of this process, shared by all its engines; the caller closes it last
   * @param faults told when the store must stop at once
   * @param telemetry shown at the status address, if the configuration names one
   * @throws RuntimeException naming the port, the directory or the placement driver that stands in
   *     the way
   */
  public static StoreProcess start(
      Path root,
      StoreConfig config,
      List<String> pdAddresses,
      RocksMemory memory,
      FaultHandler faults,
      Telemetry telemetry) {
    return start(root, config, pdAddresses, memory, faults, telemetry, level -> {});
  }

  /**
   * The same.
   *
   * @param logLevels takes a new level of this process's log, such as {@code debug}
   */
  public static StoreProcess start(
      Path root,
      StoreConfig config,
      List<String> pdAddresses,
      RocksMemory memory,
      FaultHandler faults,
      Telemetry telemetry,
      Consumer<String> logLevels) {
    StoreProcess process = new StoreProcess(logLevels);
    try {
      process.open(root, config, pdAddresses, memory, faults, telemetry);
      return process;
    } catch (RuntimeException failure) {
      process.opened.close();
      throw failure;
    }
  }

  /** The store itself. */
  public StoreNode node() {
    return node;
  }

  /** Hands leadership over to other stores for a moment; to be called before {@link #close}. */
  public void leave() {
    Blocking.await(
        node.leave(LEAVE_PATIENCE),
        LEAVE_PATIENCE.multipliedBy(2),
        () -> new IllegalStateException("leadership is not handed over"));
  }

  @Override
  public void close() {
    opened.close();
  }

  /** Syncs of the Raft log since the start. */
  public long logSyncs() {
    return log.syncs();
  }

  private void open(
      Path root,
      StoreConfig config,
      List<String> pdAddresses,
      RocksMemory memory,
      FaultHandler faults,
      Telemetry telemetry) {
    DataDirectory directory = opened.add(DataDirectory.open(root, config.disk()));
    RocksEngine data =
        opened.add(
            RocksEngine.open(
                directory.resolve("data"),
                ColumnFamily.dataFamilies(),
                RocksOptions.dataDefaults().withManualWalFlush(config.disk().manualWalFlush()),
                memory));
    RocksEngine logEngine =
        opened.add(
            RocksEngine.open(
                directory.resolve("log"),
                ColumnFamily.logFamilies(),
                RocksOptions.logDefaults().withManualWalFlush(config.disk().manualWalFlush()),
                memory));
    data.measure("data", telemetry.meters());
    logEngine.measure("log", telemetry.meters());
    opened.add(this::closeNode);
    String name = directory.root().getFileName().toString();
    // Closed after the loops: what a loop still sends must find the transport's threads alive.
    IoThreads ioThreads = opened.add(IoThreads.start(name, GrpcTransportOptions.defaults()));
    GrpcRpcClient client =
        opened.add(new GrpcRpcClient(ioThreads, GrpcTransportOptions.defaults()));
    ThreadLoopFactory loops = opened.add(new ThreadLoopFactory(name, faults));
    Environment environment =
        new Environment(SystemTime.INSTANCE, new SystemRandom(), loops, faults, telemetry.meters());
    PdClientConfig pdConfig = PdClientConfig.defaults(pdAddresses);
    PdClient pd =
        opened.add(
            new RpcPdClient(
                directory
                    .owner()
                    .map(owner -> pdConfig.withClusterId(owner.clusterId()))
                    .orElse(pdConfig),
                client,
                environment,
                loops.newLoop("pd-client")));
    log =
        new RaftLogEngine(logEngine, loops.newLoop("raft-log"), faults)
            .readingOn(loops.newPool("raft-log-read", 1, LOG_READS_MAX));
    log.measure(telemetry.meters());
    StoreConfig listening = openStatus(config, telemetry, loops, name);
    node =
        new StoreNode(
            listening,
            environment,
            new StoreRegions.Storage(data, log),
            client,
            new GrpcRpcServers(name, GrpcTransportOptions.defaults(), SystemTime.INSTANCE)
                .withThreads(ioThreads)
                .withMeters(telemetry.meters()),
            pd,
            Optional.of(new FileDiskSpace(root)));
    opened.add(this::stopNode);
    long storeId =
        Blocking.await(
            node.start(),
            START_BOUND,
            () -> new IllegalStateException("the store does not serve after " + START_BOUND));
    long clusterId =
        Blocking.await(
            pd.clusterId(),
            STOP_BOUND,
            () -> new IllegalStateException("the placement driver does not answer"));
    directory.claim(new DataDirectory.Owner("store", clusterId, storeId));
    serving =
        new Serving(
            clusterId, node, new OnlineConfig(node.services().flow(), node.replicas(), logLevels));
  }

  /** Opens the status address first, so that a store that cannot start can still be looked into. */
  private StoreConfig openStatus(
      StoreConfig config, Telemetry telemetry, ThreadLoopFactory loops, String name) {
    String asked = config.listen().statusAddress();
    if (asked.isEmpty()) {
      return config;
    }
    int colon = asked.lastIndexOf(':');
    StoreStatusHttp http =
        new StoreStatusHttp(
            config,
            StoreNode.PROTOCOL_VERSION,
            this::shown,
            telemetry.meters(),
            telemetry.exposition(),
            loops.newPool("store-status", 1, STATUS_QUESTIONS_MAX));
    RpcServer bound =
        new HttpServers(name, GrpcTransportOptions.defaults())
            .bind(asked.substring(0, colon), Integer.parseInt(asked.substring(colon + 1)), http);
    opened.add(() -> bound.close(Duration.ZERO));
    return config.withListen(config.listen().withStatusAddress(bound.address()));
  }

  private Optional<StoreStatusHttp.Serving> shown() {
    return Optional.ofNullable(serving)
        .map(
            now ->
                new StoreStatusHttp.Serving(
                    now.clusterId(),
                    now.node().storeId(),
                    now.node().address(),
                    now.node().regions().regions(),
                    Optional.of(now.online())));
  }

  private void stopNode() {
    serving = null;
    Blocking.await(
        node.stop(),
        STOP_BOUND,
        () -> new IllegalStateException("the store did not stop within " + STOP_BOUND));
  }

  private void closeNode() {
    if (node != null) {
      node.close();
    }
  }
}
