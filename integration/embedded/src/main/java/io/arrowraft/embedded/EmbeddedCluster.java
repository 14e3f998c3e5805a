package io.arrowraft.embedded;

import io.arrowraft.pd.PdConfig;
import io.arrowraft.pd.main.PdProcess;
import io.arrowraft.rpc.http.Telemetry;
import io.arrowraft.runtime.threads.OpenResources;
import io.arrowraft.server.coprocessor.CoprocessorCounters;
import io.arrowraft.server.main.StoreProcess;
import io.arrowraft.server.peer.RegionConfig;
import io.arrowraft.server.peer.StoreRegions;
import io.arrowraft.server.store.StoreConfig;
import io.arrowraft.storage.rocks.RocksMemory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
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
  private final AtomicReference<Throwable> fault = new AtomicReference<>();
  private PdProcess pd;

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

  /** {@code host:port} of the placement driver: what clients are given. */
  public String pdAddress() {
    return pd.address();
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
    pd =
        opened.add(
            PdProcess.start(
                options.directory().resolve("pd"),
                PdConfig.defaults(HOST, 0).withReplicas(options.replicas()),
                this::onFault,
                Telemetry.unexposed(new SimpleMeterRegistry())));
    for (int store = 1; store <= options.stores(); store++) {
      stores.add(
          opened.add(
              StoreProcess.start(
                  options.directory().resolve("store-" + store),
                  StoreConfig.defaults(HOST, 0)
                      .withThreads(threads(options))
                      .withRegions(RegionConfig.defaults().withSplitBytes(options.splitBytes())),
                  List.of(pd.address()),
                  memory,
                  this::onFault,
                  Telemetry.unexposed(new SimpleMeterRegistry()))));
    }
  }

  /** The stores share the processors. */
  private static StoreRegions.Threads threads(EmbeddedOptions options) {
    return StoreRegions.Threads.forProcessors(
        Runtime.getRuntime().availableProcessors() / options.stores());
  }

  private void onFault(String component, Throwable cause) {
    LOG.error("a node has met a fault: component={}", component, cause);
    fault.compareAndSet(null, cause);
  }
}
