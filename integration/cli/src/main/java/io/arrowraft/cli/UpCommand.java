package io.arrowraft.cli;

import io.arrowraft.cli.process.ClusterLayout;
import io.arrowraft.cli.process.ClusterSupervisor;
import io.arrowraft.cli.process.LogFormat;
import io.arrowraft.cli.store.StoreLabels;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a cluster of separate processes on this machine until it is told to stop. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    description = {
      "Start placement drivers and stores as separate processes on this machine.",
      "Stays in the foreground; Ctrl-C or SIGTERM stops every process cleanly. A process that dies is started again.",
      "The same --data directory finds all data again."
    })
final class UpCommand implements Callable<Integer> {
  /** As between the ports that operators of such clusters know, 20160 and 20180. */
  private static final int STATUS_PORT_DISTANCE = 20;

  @Option(
      names = "--stores",
      defaultValue = "3",
      paramLabel = "N",
      description = "How many stores (default: ${DEFAULT-VALUE}).")
  private int stores;

  @Option(
      names = "--pd",
      paramLabel = "N",
      description = {
        "How many placement drivers: 1, 3 or 5, of which a minority may fail",
        "(default: as many as the data has, or 1). Data that has fewer gains members."
      })
  private Integer placementDrivers;

  @Option(
      names = "--pd-port",
      defaultValue = "2379",
      paramLabel = "PORT",
      description =
          "Port of the first placement driver; the others follow (default: ${DEFAULT-VALUE}).")
  private int pdPort;

  @Option(
      names = "--store-port",
      defaultValue = "20160",
      paramLabel = "PORT",
      description = "Port of the first store; the others follow (default: ${DEFAULT-VALUE}).")
  private int storePort;

  @Option(
      names = "--status-port",
      paramLabel = "PORT",
      description = {
        "Port of the first store's /metrics, /status and /config; the others follow",
        "(default: 20 above --store-port, so 20180)."
      })
  private Integer statusPort;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "Where everything is kept; made if it is not there.")
  private Path data;

  @Option(
      names = "--split-size",
      defaultValue = "96",
      paramLabel = "MIB",
      description = "Size at which a region splits, in MiB (default: ${DEFAULT-VALUE}).")
  private int splitSizeMib;

  @Option(
      names = "--labels",
      paramLabel = "KEY=VALUE,...",
      description = {
        "Where a store stands, such as zone=a,host=h1. Given once for each store, in their order;",
        "given less often, the stores take turns."
      })
  private List<String> labels = List.of();

  @Option(
      names = "--log-format",
      defaultValue = "text",
      paramLabel = "FORMAT",
      description = "How processes log: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private LogFormat logFormat;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    labels.forEach(StoreLabels::parse);
    PrintWriter out = spec.commandLine().getOut();
    ClusterLayout layout =
        new ClusterLayout(
            data.toAbsolutePath(),
            stores,
            placementDrivers == null ? 0 : placementDrivers,
            pdPort,
            storePort,
            statusPort == null ? storePort + STATUS_PORT_DISTANCE : statusPort,
            splitSizeMib);
    ClusterSupervisor supervisor = new ClusterSupervisor(layout, labels, logFormat, out);
    Thread stopper = new Thread(() -> stopBySignal(supervisor), "stop");
    Runtime.getRuntime().addShutdownHook(stopper);
    try {
      supervisor.start();
    } catch (Exception failure) {
      Runtime.getRuntime().removeShutdownHook(stopper);
      supervisor.close();
      throw failure;
    }
    return supervisor.awaitEnd();
  }

  private static void stopBySignal(ClusterSupervisor supervisor) {
    supervisor.close();
    // A stop that was asked for is a success, whatever signal asked.
    Runtime.getRuntime().halt(0);
  }
}
