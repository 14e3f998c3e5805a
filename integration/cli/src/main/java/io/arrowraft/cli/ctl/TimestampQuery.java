package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a timestamp says; asks nobody. */
@Command(
    name = "tso",
    mixinStandardHelpOptions = true,
    description = "Take a timestamp of the cluster apart: its time and its number within the time.")
final class TimestampQuery implements Callable<Integer> {
  private static final int LOGICAL_BITS = 18;

  @Parameters(paramLabel = "TIMESTAMP", description = "Such as 449310981341184001.")
  private long timestamp;

  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (timestamp < 0) {
      throw new ParameterException(spec.commandLine(), "a timestamp is not negative");
    }
    long physical = timestamp >> LOGICAL_BITS;
    long logical = timestamp & ((1L << LOGICAL_BITS) - 1);
    String time = Instant.ofEpochMilli(physical).toString();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(
          JsonNodeFactory.instance
              .objectNode()
              .put("time", time)
              .put("physical", physical)
              .put("logical", logical)
              .toPrettyString());
    } else {
      new Table("TIME", "PHYSICAL", "LOGICAL").row(time, physical, logical).print(out);
    }
    out.flush();
    return 0;
  }
}
