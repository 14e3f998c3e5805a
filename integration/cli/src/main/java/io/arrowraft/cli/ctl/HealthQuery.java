package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Whether the placement driver serves. */
@Command(
    name = "health",
    mixinStandardHelpOptions = true,
    description = "Show whether the members of the placement driver serve.")
final class HealthQuery implements Callable<Integer> {
  @Mixin private PdQuestions pd;

  @Override
  public Integer call() {
    return pd.print("/health", "no members", HealthQuery::table);
  }

  private static Table table(JsonNode members) {
    Table table = new Table("NAME", "ADDRESS", "HEALTHY");
    for (JsonNode member : members) {
      table.row(
          member.path("name"),
          member.at("/client_urls/0"),
          member.path("health").asBoolean() ? "yes" : "no");
    }
    return table;
  }
}
