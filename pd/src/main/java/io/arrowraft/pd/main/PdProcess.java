package io.arrowraft.pd.main;

import io.arrowraft.pd.PdConfig;
import io.arrowraft.pd.PlacementDriver;
import io.arrowraft.pd.replication.ReplicatedState;
import io.arrowraft.rpc.grpc.GrpcRpcClient;
import io.arrowraft.rpc.grpc.GrpcRpcServers;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
import io.arrowraft.rpc.http.HttpHandler;
import io.arrowraft.rpc.http.Telemetry;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.FaultHandler;
import io.arrowraft.runtime.threads.Blocking;
import io.arrowraft.runtime.threads.OpenResources;
import io.arrowraft.runtime.threads.SystemRandom;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.runtime.threads.ThreadLoopFactory;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.DiskOptions;
import io.arrowraft.storage.raftlog.RaftLogEngine;
import io.arrowraft.storage.rocks.DataDirectory;
import io.arrowraft.storage.rocks.RocksEngine;
import io.arrowraft.storage.rocks.RocksMemory;
import io.arrowraft.storage.rocks.RocksOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A running member of the placement driver, over RocksDB and gRPC. */
public final class PdProcess implements AutoCloseable {
  private static final Duration START_BOUND = Duration.ofSeconds(30);
  private static final Duration STOP_BOUND = Duration.ofSeconds(10);
  private static final int HTTP_QUESTIONS_MAX = 64;
  private static final long CACHE_BYTES = 16L << 20;
  private static final long WRITE_BUFFER_BYTES = 16L << 20;

  /** What to close, the last opened first. */
  private final OpenResources opened = new OpenResources();

  private final PdConfig config;
  private PlacementDriver driver;
  private CompletableFuture<Long> started;
  private DataDirectory directory;

  /** Set before the driver listens, whose port it shares. */
  private volatile HttpHandler http;

  private long clusterId;

  private PdProcess(PdConfig config) {
    this.config = config;
  }

  /**
   * Starts a member and waits until it serves, or follows one that does.
   *
   * @param root data directory; made if it is not there
   * @param faults told when the member must stop at once
   * @param telemetry shown under {@code /metrics}
   * @throws RuntimeException naming the port or the directory if one of them is in use or of
   *     another cluster
   */
  public static PdProcess start(
      Path root, PdConfig config, FaultHandler faults, Telemetry telemetry) {
    return start(root, config, DiskOptions.defaults(), faults, telemetry);
  }

  /**
   * The same.
   *
   * @param disk how the disk of the data directory is treated
   */
  public static PdProcess start(
      Path root, PdConfig config, DiskOptions disk, FaultHandler faults, Telemetry telemetry) {
    return begin(root, config, disk, faults, telemetry).awaitServing();
  }

  /**
   * The same without waiting: members that begin a group together need one another for that. To be
   * followed by {@link #awaitServing}.
   */
  public static PdProcess begin(
      Path root, PdConfig config, DiskOptions disk, FaultHandler faults, Telemetry telemetry) {
    PdProcess process = new PdProcess(config);
    try {
      process.open(root, disk, faults, telemetry);
      return process;
    } catch (RuntimeException failure) {
      process.opened.close();
      throw failure;
    }
  }

  /** Waits until the member serves, or follows one that does; closes it if it does not. */
  public PdProcess awaitServing() {
    try {
      clusterId =
          Blocking.await(
              started,
              START_BOUND,
              () ->
                  new IllegalStateException(
                      "the placement driver does not serve after "
                          + START_BOUND
                          + "; do most of its members run?"));
      directory.claim(new DataDirectory.Owner("pd", clusterId, driver.memberId()));
      return this;
    } catch (RuntimeException failure) {
      opened.close();
      throw failure;
    }
  }

  /** {@code host:port} that clients should use. */
  public String address() {
    return driver.address();
  }

  public long clusterId() {
    return clusterId;
  }

  @Override
  public void close() {
    opened.close();
  }

  private void open(Path root, DiskOptions disk, FaultHandler faults, Telemetry telemetry) {
    directory = opened.add(DataDirectory.open(root, disk));
    RocksMemory memory = opened.add(new RocksMemory(CACHE_BYTES, WRITE_BUFFER_BYTES));
    RocksEngine state =
        opened.add(
            RocksEngine.open(
                directory.resolve("state"),
                List.of(ColumnFamily.DEFAULT),
                RocksOptions.dataDefaults().withManualWalFlush(disk.manualWalFlush()),
                memory));
    RocksEngine logEngine =
        opened.add(
            RocksEngine.open(
                directory.resolve("log"),
                ColumnFamily.logFamilies(),
                RocksOptions.logDefaults().withManualWalFlush(disk.manualWalFlush()),
                memory));
    state.measure("state", telemetry.meters());
    logEngine.measure("log", telemetry.meters());
    ThreadLoopFactory loops = opened.add(new ThreadLoopFactory(config.name(), faults));
    Environment environment =
        new Environment(SystemTime.INSTANCE, new SystemRandom(), loops, faults, telemetry.meters());
    RaftLogEngine log = new RaftLogEngine(logEngine, loops.newLoop("raft-log"), faults);
    log.measure(telemetry.meters());
    GrpcRpcClient client =
        opened.add(new GrpcRpcClient(config.name(), GrpcTransportOptions.defaults()));
    driver =
        new PlacementDriver(
            config,
            environment,
            new GrpcRpcServers(config.name(), GrpcTransportOptions.defaults(), SystemTime.INSTANCE)
                .withMeters(telemetry.meters())
                .withHttp(request -> http.handle(request)),
            client,
            new ReplicatedState.Storage(log, state));
    http = driver.http(telemetry, loops.newPool("pd-http", 1, HTTP_QUESTIONS_MAX));
    opened.add(this::stopDriver);
    started = driver.start();
    // Told by whoever waits; without one, what fails here goes unnoticed.
    started.exceptionally(failure -> 0L);
  }

  private void stopDriver() {
    Blocking.await(
        driver.stop(),
        STOP_BOUND,
        () -> new IllegalStateException("the placement driver did not stop within " + STOP_BOUND));
  }
}
