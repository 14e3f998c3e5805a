package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What can be done with operators. */
final class OperatorActions {
  private static final List<String> ROLES = List.of("leader", "follower", "voter", "learner");

  private OperatorActions() {}

  @Command(
      name = "add",
      mixinStandardHelpOptions = true,
      description = {
        "Begin an operator:",
        "  transfer-leader REGION STORE",
        "  add-peer REGION STORE, add-learner REGION STORE, promote-learner REGION STORE",
        "  remove-peer REGION STORE",
        "  transfer-peer REGION FROM TO",
        "  transfer-region REGION STORE [ROLE] [STORE [ROLE]]...",
        "    a role is leader, follower, voter or learner",
        "  split-region REGION [KEY-IN-HEX...] [--policy=scan|approximate|usekey]",
        "  merge-region SOURCE TARGET",
        "  scatter-region REGION",
        "  scatter-regions REGION...",
        "  scatter-regions --start=KEY-IN-HEX --end=KEY-IN-HEX"
      })
  static final class Add implements Callable<Integer> {
    @Parameters(paramLabel = "KIND", description = "Such as transfer-leader.")
    private String kind;

    @Parameters(
        arity = "0..*",
        index = "1..*",
        paramLabel = "REGION",
        description = "Id of the region, then stores, regions or keys, as the kind has it.")
    private List<String> words = List.of();

    @Option(
        names = "--policy",
        defaultValue = "",
        description =
            "Where to split: scan or approximate let the store find the middle, usekey needs keys.")
    private String policy;

    @Option(
        names = "--group",
        defaultValue = "",
        description = "Regions of one group are spread against one another.")
    private String group;

    @Option(
        names = "--start",
        paramLabel = "KEY-IN-HEX",
        description = "Scatter regions from this key on.")
    private String start;

    @Option(
        names = "--end",
        paramLabel = "KEY-IN-HEX",
        description = "Scatter regions up to this key.")
    private String end;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.change("POST", "/operators", wish().toString());
    }

    /** The operator as the placement driver reads it, which checks the rest. */
    private ObjectNode wish() {
      ObjectNode wish = JsonNodeFactory.instance.objectNode().put("name", kind);
      switch (kind) {
        case "merge-region" -> wish.put("source_region_id", id(0)).put("target_region_id", id(1));
        case "transfer-leader" -> wish.put("region_id", id(0)).put("to_store_id", id(1));
        case "transfer-peer" ->
            wish.put("region_id", id(0)).put("from_store_id", id(1)).put("to_store_id", id(2));
        case "transfer-region" -> transferRegion(wish.put("region_id", id(0)));
        case "split-region" -> {
          List<String> keys = words.subList(Math.min(1, words.size()), words.size());
          String usual = keys.isEmpty() ? "scan" : "usekey";
          wish.put("region_id", id(0)).put("policy", policy.isEmpty() ? usual : policy);
          keys.forEach(wish.putArray("keys")::add);
        }
        case "scatter-region" -> wish.put("region_id", id(0)).put("group", group);
        case "scatter-regions" -> scatterRegions(wish.put("group", group));
        default -> wish.put("region_id", id(0)).put("store_id", id(1));
      }
      return wish;
    }

    /** Stores, each of which may be followed by the role of the peer there. */
    private void transferRegion(ObjectNode wish) {
      ArrayNode stores = wish.putArray("to_store_ids");
      List<String> roles = new ArrayList<>();
      for (int i = 1; i < words.size(); i++) {
        if (i > 1 && ROLES.contains(words.get(i))) {
          roles.set(roles.size() - 1, words.get(i));
        } else {
          stores.add(id(i));
          roles.add("voter");
        }
      }
      roles.forEach(wish.putArray("peer_roles")::add);
    }

    private void scatterRegions(ObjectNode wish) {
      if (start != null || end != null) {
        wish.put("start_key", start == null ? "" : start).put("end_key", end == null ? "" : end);
        return;
      }
      ArrayNode ids = wish.putArray("region_ids");
      ids.add(id(0));
      for (int i = 1; i < words.size(); i++) {
        ids.add(id(i));
      }
    }

    private long id(int place) {
      if (place >= words.size()) {
        throw new IllegalArgumentException(
            kind + " needs more ids; see `arrowraft ctl operator add --help`");
      }
      try {
        return Long.parseUnsignedLong(words.get(place));
      } catch (NumberFormatException notANumber) {
        throw new IllegalArgumentException(
            kind + " needs an id, not '" + words.get(place) + "'", notANumber);
      }
    }
  }

  @Command(
      name = "remove",
      mixinStandardHelpOptions = true,
      description = "Cancel the operator of a region.")
  static final class Remove implements Callable<Integer> {
    @Parameters(paramLabel = "REGION", description = "Id of the region.")
    private long region;

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.change("DELETE", "/operators/" + region, null);
    }
  }

  @Command(
      name = "history",
      mixinStandardHelpOptions = true,
      description = "Show how the last operators ended, the latest first.")
  static final class History implements Callable<Integer> {

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.print("/operators/records", "no operators", OperatorQuery::table);
    }
  }
}
