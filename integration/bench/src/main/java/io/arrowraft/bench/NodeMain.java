package io.arrowraft.bench;

import io.arrowraft.pd.PdConfig;
import io.arrowraft.pd.main.PdProcess;
import io.arrowraft.rpc.http.Telemetry;
import io.arrowraft.runtime.FaultHandler;
import io.arrowraft.server.main.StoreProcess;
import io.arrowraft.server.store.StoreConfig;
import io.arrowraft.storage.rocks.RocksMemory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** One placement driver or store, in a process of its own that can be killed. */
public final class NodeMain {
  /** Printed with the address when the node serves. */
  static final String SERVES = "serves at ";

  private static final String HOST = "127.0.0.1";
  private static final long CACHE_BYTES = 64L << 20;
  private static final FaultHandler FAULTS =
      (component, cause) -> {
        System.err.println("fault in " + component + ": " + cause);
        Runtime.getRuntime().halt(1);
      };

  private NodeMain() {}

  /**
   * @param args directory, and for a store the placement driver's address
   */
  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    Telemetry telemetry = Telemetry.unexposed(new SimpleMeterRegistry());
    System.out.println(
        SERVES
            + (args.length == 1
                ? placementDriver(directory, telemetry)
                : store(directory, args[1], telemetry)));
    // Whoever started the node holds the other end, and lets go when it ends, however it ends.
    while (System.in.read() >= 0) {
      continue;
    }
    Runtime.getRuntime().halt(0);
  }

  private static String placementDriver(Path directory, Telemetry telemetry) {
    return PdProcess.start(directory, PdConfig.defaults(HOST, 0), FAULTS, telemetry).address();
  }

  private static String store(Path directory, String placementDriver, Telemetry telemetry) {
    return StoreProcess.start(
            directory,
            StoreConfig.defaults(HOST, 0),
            List.of(placementDriver),
            new RocksMemory(CACHE_BYTES, CACHE_BYTES / 2),
            FAULTS,
            telemetry)
        .node()
        .address();
  }
}
