package io.arrowraft.cli.ctl;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Asks a running cluster about itself. */
@Command(
    name = "ctl",
    mixinStandardHelpOptions = true,
    description = {
      "Ask a running cluster about its stores, regions, operators and members,",
      "and change what it does with them."
    },
    subcommands = {
      StoreQuery.class,
      RegionQuery.class,
      OperatorQuery.class,
      SchedulerQuery.class,
      MemberQuery.class,
      HealthQuery.class,
      HotQuery.class,
      ConfigQuery.class,
      GcQuery.class,
      MvccQuery.class,
      DroppedQuery.class,
      TimestampQuery.class,
      CommandLine.HelpCommand.class
    })
public final class CtlCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say what to ask: store, region, member ...");
  }
}
