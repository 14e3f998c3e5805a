package io.arrowraft.cli.store;

import io.arrowraft.cli.process.ControlSocket;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One store more for a cluster that {@code up} runs. */
@Command(
    name = "add",
    mixinStandardHelpOptions = true,
    description = {
      "Add a store to the cluster that `up` runs over a directory.",
      "To a cluster on several machines, add one with `store run --pd HOST:PORT` on the new machine."
    })
final class StoreAdd implements Callable<Integer> {
  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "The directory that the running `up` was given.")
  private Path data;

  @Option(
      names = "--labels",
      defaultValue = "",
      paramLabel = "KEY=VALUE,...",
      description = "Where the store stands, such as zone=a,host=h1.")
  private String labels;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    StoreLabels.parse(labels);
    PrintWriter out = spec.commandLine().getOut();
    out.println(ControlSocket.ask(data, "add-store " + labels));
    out.flush();
    return 0;
  }
}
