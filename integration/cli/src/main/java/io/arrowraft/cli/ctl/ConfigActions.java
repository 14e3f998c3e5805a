package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** What can be done with settings and placement rules. */
final class ConfigActions {
  private ConfigActions() {}

  @Command(
      name = "set",
      mixinStandardHelpOptions = true,
      description = "Change a setting, for good and at once.")
  static final class Set implements Callable<Integer> {
    @Parameters(paramLabel = "SETTING", description = "Such as leader-schedule-limit.")
    private String setting;

    @Parameters(index = "1", paramLabel = "VALUE", description = "Such as 8, 30m or true.")
    private String value;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.change(
          "POST", "/config", JsonNodeFactory.instance.objectNode().put(setting, value).toString());
    }
  }

  @Command(
      name = "placement-rules",
      mixinStandardHelpOptions = true,
      description = "Show the placement rules, or change them.",
      subcommands = {SetRules.class, DeleteRule.class, RuleGroups.class})
  static final class PlacementRules implements Callable<Integer> {

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.print("/config/rules", "no rules", ConfigActions::rules);
    }
  }

  @Command(
      name = "set",
      mixinStandardHelpOptions = true,
      description = "Set a rule, or all rules, from JSON as `--json` prints it.")
  static final class SetRules implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "One rule, or a list, which replaces all rules.")
    private Path file;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      String json;
      try {
        json = Files.readString(file);
      } catch (IOException unreadable) {
        throw new IllegalArgumentException("cannot read " + file, unreadable);
      }
      return pd.change(
          "POST", json.stripLeading().startsWith("[") ? "/config/rules" : "/config/rule", json);
    }
  }

  @Command(name = "delete", mixinStandardHelpOptions = true, description = "Delete a rule.")
  static final class DeleteRule implements Callable<Integer> {
    @Parameters(paramLabel = "GROUP", description = "Its group, such as pd.")
    private String group;

    @Parameters(index = "1", paramLabel = "ID", description = "Its id, such as default.")
    private String id;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.change(
          "DELETE",
          "/config/rule/" + PdQuestions.encoded(group) + "/" + PdQuestions.encoded(id),
          null);
    }
  }

  @Command(
      name = "groups",
      mixinStandardHelpOptions = true,
      description = "Show the groups of rules.")
  static final class RuleGroups implements Callable<Integer> {

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.print("/config/rule_groups", "no groups", ConfigActions::groups);
    }
  }

  private static Table rules(JsonNode rules) {
    Table table =
        new Table(
            "GROUP",
            "ID",
            "INDEX",
            "START",
            "END",
            "ROLE",
            "COUNT",
            "CONSTRAINTS",
            "LOCATION",
            "ISOLATION");
    for (JsonNode rule : rules) {
      table.row(
          rule.path("group_id"),
          rule.path("id"),
          rule.path("index"),
          rule.path("start_key"),
          rule.path("end_key"),
          rule.path("role"),
          rule.path("count"),
          constraints(rule),
          texts(rule.path("location_labels")),
          rule.path("isolation_level"));
    }
    return table;
  }

  private static Table groups(JsonNode groups) {
    Table table = new Table("GROUP", "INDEX", "OVERRIDE");
    for (JsonNode group : groups) {
      table.row(group.path("id"), group.path("index"), group.path("override"));
    }
    return table;
  }

  private static String constraints(JsonNode rule) {
    List<String> texts = new ArrayList<>();
    for (JsonNode each : rule.path("label_constraints")) {
      texts.add(
          each.path("key").asText()
              + " "
              + each.path("op").asText()
              + " "
              + texts(each.path("values")));
    }
    return String.join("; ", texts);
  }

  private static String texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(each -> texts.add(each.asText()));
    return String.join(",", texts);
  }
}
