package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The schedulers. */
@Command(
    name = "scheduler",
    mixinStandardHelpOptions = true,
    description = "Show the schedulers that run.")
final class SchedulerQuery implements Callable<Integer> {
  @Mixin private PdQuestions pd;

  @Override
  public Integer call() {
    return pd.print("/schedulers", "no schedulers", SchedulerQuery::table);
  }

  private static Table table(JsonNode names) {
    Table table = new Table("SCHEDULER");
    names.forEach(table::row);
    return table;
  }
}
