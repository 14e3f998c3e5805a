package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The settings of the placement driver. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    description = "Show the settings of the placement driver, or change them.",
    subcommands = {ConfigActions.Set.class, ConfigActions.PlacementRules.class})
final class ConfigQuery implements Callable<Integer> {
  @Mixin private PdQuestions pd;

  @Override
  public Integer call() {
    return pd.print("/config", "no settings", ConfigQuery::table);
  }

  private static Table table(JsonNode config) {
    Table table = new Table("SETTING", "VALUE");
    add(table, "", config);
    return table;
  }

  private static void add(Table table, String prefix, JsonNode node) {
    node.properties()
        .forEach(
            entry -> {
              if (entry.getValue().isObject()) {
                add(table, prefix + entry.getKey() + ".", entry.getValue());
              } else {
                table.row(prefix + entry.getKey(), entry.getValue());
              }
            });
  }
}
