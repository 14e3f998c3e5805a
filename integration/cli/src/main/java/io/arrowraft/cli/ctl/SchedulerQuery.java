package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The schedulers. */
@Command(
    name = "scheduler",
    mixinStandardHelpOptions = true,
    description = {
      "Show the schedulers that run.",
      "Or add, remove and pause them, and change their settings."
    },
    subcommands = {
      SchedulerActions.Add.class,
      SchedulerActions.Remove.class,
      SchedulerActions.Pause.class,
      SchedulerActions.Resume.class,
      SchedulerActions.Config.class
    })
final class SchedulerQuery implements Callable<Integer> {
  @Mixin private PdQuestions pd;

  @Override
  public Integer call() {
    return pd.print("/scheduler-config", "no schedulers", SchedulerQuery::table);
  }

  private static Table table(JsonNode schedulers) {
    Table table = new Table("SCHEDULER", "PAUSED", "SETTINGS");
    schedulers
        .properties()
        .forEach(
            each ->
                table.row(
                    each.getKey(),
                    each.getValue().path("paused").asBoolean() ? "yes" : "no",
                    each.getValue().path("config").isEmpty()
                        ? ""
                        : each.getValue().path("config").toString()));
    return table;
  }
}
