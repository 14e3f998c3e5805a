package io.arrowraft.cli.store;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The stores of a cluster, one by one. */
@Command(
    name = "store",
    mixinStandardHelpOptions = true,
    description = "Run a store, or add, drain and list those of a running cluster.",
    subcommands = {
      StoreRun.class,
      StoreAdd.class,
      StoreDrain.class,
      StoreList.class,
      CommandLine.HelpCommand.class
    })
public final class StoreCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say what to do: run, add, drain or list");
  }
}
