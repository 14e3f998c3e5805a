package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The operators that run, or a region's last one. */
@Command(
    name = "operator",
    mixinStandardHelpOptions = true,
    description = {
      "Show the operators that run, or the running or last one of a region.",
      "Or begin and cancel some."
    },
    subcommands = {
      OperatorActions.Add.class,
      OperatorActions.Remove.class,
      OperatorActions.History.class
    })
final class OperatorQuery implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "REGION", description = "Only of this region.")
  private Long region;

  @Option(
      names = "--kind",
      defaultValue = "",
      description = "Only of these kinds: admin, leader, region, replica, hot, merge or split.")
  private String kinds;

  @Mixin private PdQuestions pd;

  @Override
  public Integer call() {
    String filter = kinds.isEmpty() ? "" : "&kind=" + PdQuestions.encoded(kinds);
    return region == null
        ? pd.print("/operators?object=1" + filter, "no operators", OperatorQuery::table)
        : pd.print("/operators/" + region, "no operator", answer -> table(List.of(answer)));
  }

  static Table table(Iterable<JsonNode> operators) {
    Table table = new Table("REGION", "OPERATOR", "KIND", "STATUS", "STEP", "STEPS", "REASON");
    for (JsonNode operator : operators) {
      List<String> steps = new ArrayList<>();
      operator.path("steps").forEach(step -> steps.add(step.asText()));
      table.row(
          operator.path("region_id"),
          operator.path("desc"),
          operator.path("kind"),
          operator.path("status").asText("RUNNING"),
          operator.path("current_step"),
          String.join("; ", steps),
          operator.path("reason").asText());
    }
    return table;
  }
}
