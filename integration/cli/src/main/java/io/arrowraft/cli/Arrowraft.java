package io.arrowraft.cli;

import io.arrowraft.cli.ctl.CtlCommand;
import io.arrowraft.cli.process.FatalExit;
import io.arrowraft.cli.store.StoreCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Entry point of the launcher. */
@Command(
    name = "arrowraft",
    mixinStandardHelpOptions = true,
    version = "arrowraft 0.1.0",
    description = "A transactional key-value cluster that Spark reads in place.",
    subcommands = {
      QuickstartCommand.class,
      UpCommand.class,
      PdCommand.class,
      StoreCommand.class,
      CtlCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Arrowraft {
  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of a failure.")
  private boolean debug;

  private Arrowraft() {}

  public static void main(String[] arguments) {
    // Ends the process even if a library left threads behind.
    System.exit(run(arguments));
  }

  static int run(String... arguments) {
    return commandLine().execute(arguments);
  }

  static CommandLine commandLine() {
    Arrowraft root = new Arrowraft();
    return new CommandLine(root)
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> {
              FatalExit exit = FatalExit.of(parsed.commandSpec().name(), failure);
              boolean ofDisk = exit.code() != FatalExit.PROGRAM_FAULT;
              command.getErr().println("arrowraft: " + (ofDisk ? exit.text() : describe(failure)));
              if (root.debug) {
                failure.printStackTrace(command.getErr());
              }
              return ofDisk ? exit.code() : 1;
            });
  }

  private static String describe(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank() ? failure.toString() : message;
  }
}
