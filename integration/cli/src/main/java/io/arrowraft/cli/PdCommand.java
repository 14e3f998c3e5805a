package io.arrowraft.cli;

import io.arrowraft.cli.process.LogFormat;
import io.arrowraft.cli.process.ProcessMeters;
import io.arrowraft.cli.process.ServingProcess;
import io.arrowraft.pd.PdConfig;
import io.arrowraft.pd.main.PdProcess;
import io.arrowraft.pd.replication.GroupConfig;
import io.arrowraft.pd.replication.InitialMember;
import io.arrowraft.storage.engine.DiskOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One member of the placement driver in this process. */
@Command(
    name = "pd",
    mixinStandardHelpOptions = true,
    description =
        "Run a member of the placement driver in this process; `up` starts them together with stores.")
final class PdCommand implements Callable<Integer> {
  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      description = "Address to listen on (default: ${DEFAULT-VALUE}).")
  private String host;

  @Option(
      names = "--port",
      defaultValue = "2379",
      description = "Port to listen on (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(names = "--data", required = true, paramLabel = "DIR", description = "Data directory.")
  private Path data;

  @Option(
      names = "--name",
      defaultValue = "pd-1",
      description = "Name, unlike that of any other member (default: ${DEFAULT-VALUE}).")
  private String name;

  @Option(
      names = "--advertise-host",
      defaultValue = "",
      paramLabel = "HOST",
      description = "Host that clients and other members are told (default: --host).")
  private String advertiseHost;

  @Option(
      names = "--initial-cluster",
      paramLabel = "NAME=HOST:PORT,...",
      description = {
        "All members that begin a cluster together, this one among them.",
        "Without it, and without --join, this is the only one."
      })
  private String initialCluster;

  @Option(
      names = "--join",
      split = ",",
      paramLabel = "HOST:PORT",
      description = "Members of a running cluster that this one is to join.")
  private List<String> join = List.of();

  @Option(
      names = "--replicas",
      defaultValue = "3",
      description = "Replicas that each region should have (default: ${DEFAULT-VALUE}).")
  private int replicas;

  @Option(
      names = "--manual-wal-flush",
      hidden = true,
      description = "Keep in memory what is not synced, so that a kill loses it; for crash tests.")
  private boolean manualWalFlush;

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      description = {
        "Write the log to log/ in the data directory as ${COMPLETION-CANDIDATES}",
        "(default: warnings to the terminal)."
      })
  private LogFormat logFormat;

  @Option(
      names = "--stop-with-parent",
      hidden = true,
      description = "Stop when standard input ends.")
  private boolean stopWithParent;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (logFormat != null) {
      logFormat.apply(data);
    }
    PdProcess process =
        PdProcess.start(
            data,
            PdConfig.defaults(host, port)
                .withGroup(group())
                .withAdvertisedHost(advertiseHost)
                .withReplicas(replicas),
            DiskOptions.defaults().withManualWalFlush(manualWalFlush),
            ServingProcess::onFault,
            ProcessMeters.prometheus());
    return ServingProcess.serve(process, spec.commandLine().getOut(), stopWithParent);
  }

  private GroupConfig group() {
    GroupConfig group = GroupConfig.alone(name).withJoin(join);
    return initialCluster == null
        ? group
        : group.withInitialCluster(InitialMember.parse(initialCluster));
  }
}
