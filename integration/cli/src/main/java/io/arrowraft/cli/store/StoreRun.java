package io.arrowraft.cli.store;

import io.arrowraft.cli.process.FatalExit;
import io.arrowraft.cli.process.ProcessMeters;
import io.arrowraft.cli.process.ServingOptions;
import io.arrowraft.cli.process.ServingProcess;
import io.arrowraft.server.main.StoreProcess;
import io.arrowraft.server.peer.RegionConfig;
import io.arrowraft.server.peer.StoreRegions;
import io.arrowraft.server.store.StoreConfig;
import io.arrowraft.storage.rocks.RocksMemory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** One store in this process. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description =
        "Run a store in this process; `up` starts several together with a placement driver.")
final class StoreRun implements Callable<Integer> {
  private static final long CACHE_BYTES = 128L << 20;
  private static final long WRITE_BUFFER_BYTES = 96L << 20;

  @Option(
      names = "--address",
      defaultValue = "127.0.0.1:20160",
      paramLabel = "HOST:PORT",
      description = "Address to listen on and to be reached at (default: ${DEFAULT-VALUE}).")
  private String address;

  @Option(
      names = "--advertise-host",
      defaultValue = "",
      paramLabel = "HOST",
      description = "Host that clients and other stores are told (default: that of --address).")
  private String advertiseHost;

  @Option(
      names = "--status-address",
      defaultValue = "127.0.0.1:20180",
      paramLabel = "HOST:PORT",
      description = {
        "Address of /metrics, /status, /config and /regions over HTTP (default: ${DEFAULT-VALUE}).",
        "An empty one opens none."
      })
  private String statusAddress;

  @Option(
      names = "--pd",
      defaultValue = "127.0.0.1:2379",
      paramLabel = "HOST:PORT",
      description = "Addresses of the placement driver (default: ${DEFAULT-VALUE}).")
  private String pd;

  @Option(
      names = "--split-size",
      defaultValue = "96",
      paramLabel = "MIB",
      description = "Size at which a region splits, in MiB (default: ${DEFAULT-VALUE}).")
  private int splitSizeMib;

  @Option(
      names = "--labels",
      defaultValue = "",
      paramLabel = "KEY=VALUE,...",
      description = "Where the store stands, such as zone=a,host=h1.")
  private String labels;

  @Option(
      names = "--slow-request",
      defaultValue = "1000",
      paramLabel = "MS",
      description =
          "Requests that take longer are logged, with where they spent it (default:"
              + " ${DEFAULT-VALUE}).")
  private int slowRequestMillis;

  @Option(
      names = "--reserve-space",
      defaultValue = "128",
      paramLabel = "MIB",
      description = {
        "Room that a file takes up and gives back when the disk is full, so that the store can",
        "start again (default: ${DEFAULT-VALUE}; 0: none)."
      })
  private int reserveSpaceMib;

  @Mixin private ServingOptions serving;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    serving.applyLogFormat();
    int colon = address.lastIndexOf(':');
    StoreConfig defaults =
        StoreConfig.defaults(address.substring(0, Math.max(0, colon)), port(colon));
    StoreConfig config =
        defaults
            .withListen(
                defaults
                    .listen()
                    .withAdvertisedHost(advertiseHost.trim())
                    .withStatusAddress(statusAddress.trim())
                    .withLabels(StoreLabels.parse(labels)))
            .withServices(defaults.services().withSlowRequest(Duration.ofMillis(slowRequestMillis)))
            .withThreads(
                StoreRegions.Threads.forProcessors(Runtime.getRuntime().availableProcessors()))
            .withRegions(RegionConfig.defaults().withSplitBytes((long) splitSizeMib << 20))
            .withDisk(serving.disk().withReservedBytes((long) reserveSpaceMib << 20));
    RocksMemory memory = new RocksMemory(CACHE_BYTES, WRITE_BUFFER_BYTES);
    StoreProcess store =
        StoreProcess.start(
            serving.data(),
            config,
            List.of(pd.trim().split("\\s*,\\s*")),
            memory,
            ServingProcess::onFault,
            ProcessMeters.prometheus(),
            ServingProcess::setLogLevel);
    AutoCloseable both =
        () -> {
          try {
            store.leave();
          } finally {
            store.close();
            memory.close();
          }
        };
    return serving.serve(both, store.node().removed().thenApply(FatalExit::removed));
  }

  private int port(int colon) {
    try {
      return Integer.parseInt(address.substring(colon + 1));
    } catch (NumberFormatException notANumber) {
      throw new ParameterException(
          spec.commandLine(),
          "--address must be host:port, such as 127.0.0.1:20160, not '" + address + "'",
          notANumber);
    }
  }
}
