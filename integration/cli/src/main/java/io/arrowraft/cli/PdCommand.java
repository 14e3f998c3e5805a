package io.arrowraft.cli;

import io.arrowraft.cli.process.ProcessMeters;
import io.arrowraft.cli.process.ServingOptions;
import io.arrowraft.cli.process.ServingProcess;
import io.arrowraft.pd.PdConfig;
import io.arrowraft.pd.main.PdProcess;
import io.arrowraft.pd.replication.GroupConfig;
import io.arrowraft.pd.replication.InitialMember;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One member of the placement driver in this process. */
@Command(
    name = "pd",
    mixinStandardHelpOptions = true,
    description =
        "Run a member of the placement driver in this process; `up` starts them together with"
            + " stores.")
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

  @Mixin private ServingOptions serving;

  @Override
  public Integer call() throws Exception {
    serving.applyLogFormat();
    PdProcess process =
        PdProcess.start(
            serving.data(),
            PdConfig.defaults(host, port)
                .withGroup(group())
                .withAdvertisedHost(advertiseHost)
                .withReplicas(replicas),
            serving.disk(),
            ServingProcess::onFault,
            ProcessMeters.prometheus());
    return serving.serve(process, new CompletableFuture<>());
  }

  private GroupConfig group() {
    GroupConfig group = GroupConfig.alone(name).withJoin(join);
    return initialCluster == null
        ? group
        : group.withInitialCluster(InitialMember.parse(initialCluster));
  }
}
