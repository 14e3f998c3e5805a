package io.arrowraft.cli;

import io.arrowraft.cli.process.ProcessMeters;
import io.arrowraft.pd.PdConfig;
import io.arrowraft.pd.main.PdProcess;
import io.arrowraft.server.main.StoreProcess;
import io.arrowraft.server.store.StoreConfig;
import io.arrowraft.storage.rocks.RocksMemory;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** A placement driver and a store in this process, with the metrics of processes of their own. */
final class OneStoreCluster implements AutoCloseable {
  private static final String HOST = "127.0.0.1";

  private final AtomicReference<Throwable> fault = new AtomicReference<>();
  private final RocksMemory memory = new RocksMemory(16 << 20, 8 << 20);
  private final PdProcess pd;
  private final StoreProcess store;

  OneStoreCluster(Path directory) {
    pd =
        PdProcess.start(
            directory.resolve("pd"),
            PdConfig.defaults(HOST, 0).withReplicas(1),
            (component, cause) -> fault.compareAndSet(null, cause),
            ProcessMeters.prometheus());
    StoreConfig defaults = StoreConfig.defaults(HOST, 0);
    store =
        StoreProcess.start(
            directory.resolve("store"),
            defaults.withListen(defaults.listen().withStatusAddress(HOST + ":0")),
            List.of(pd.address()),
            memory,
            (component, cause) -> fault.compareAndSet(null, cause),
            ProcessMeters.prometheus());
  }

  String pdAddress() {
    return pd.address();
  }

  String storeAddress() {
    return store.node().address();
  }

  @Override
  public void close() {
    store.close();
    pd.close();
    memory.close();
    if (fault.get() != null) {
      throw new IllegalStateException("a node met a fault", fault.get());
    }
  }
}
