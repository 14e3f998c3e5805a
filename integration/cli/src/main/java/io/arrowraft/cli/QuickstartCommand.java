package io.arrowraft.cli;

import io.arrowraft.cli.quickstart.Quickstart;
import io.arrowraft.cli.quickstart.QuickstartOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The whole path in one command. */
@Command(
    name = "quickstart",
    mixinStandardHelpOptions = true,
    description = {
      "Start a cluster in this process, load TPC-H, and query it with Spark while it is written to.",
      "Every answer is compared with Parquet; exit code 0 only if all agree and the stores did the work."
    })
final class QuickstartCommand implements Callable<Integer> {
  @Option(
      names = "--scale",
      defaultValue = "0.01",
      description =
          "Scale factor of TPC-H; 1 is about 6 million lines (default: ${DEFAULT-VALUE}).")
  private double scale;

  @Option(names = "--keep", description = "Leave the cluster up at the end, until Ctrl-C.")
  private boolean keep;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (!(scale >= 0.001 && scale <= 10)) {
      throw new ParameterException(spec.commandLine(), "--scale must be 0.001 to 10, not " + scale);
    }
    Path directory = Files.createTempDirectory("arrowraft-quickstart-");
    Thread cleaner = new Thread(() -> deleteTree(directory), "clean");
    Runtime.getRuntime().addShutdownHook(cleaner);
    QuickstartOutput output = new QuickstartOutput(spec.commandLine().getOut());
    return new Quickstart(scale, directory, output).run(keep) ? 0 : 1;
  }

  private static void deleteTree(Path root) {
    try (Stream<Path> found = Files.walk(root)) {
      for (Path path : (Iterable<Path>) found.sorted(Comparator.reverseOrder())::iterator) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException leftBehind) {
      System.err.println("arrowraft: could not remove " + root + ": " + leftBehind.getMessage());
    }
  }
}
