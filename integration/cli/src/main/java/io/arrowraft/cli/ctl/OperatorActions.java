package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** What can be done with operators. */
final class OperatorActions {
  private OperatorActions() {}

  @Command(
      name = "add",
      mixinStandardHelpOptions = true,
      description = {
        "Begin an operator:",
        "  transfer-leader REGION STORE",
        "  add-peer REGION STORE, add-learner REGION STORE, remove-peer REGION STORE",
        "  transfer-peer REGION FROM TO",
        "  transfer-region REGION STORE...",
        "  split-region REGION [KEY-IN-HEX...]",
        "  merge-region SOURCE TARGET",
        "  scatter-region REGION"
      })
  static final class Add implements Callable<Integer> {
    @Parameters(paramLabel = "KIND", description = "Such as transfer-leader.")
    private String kind;

    @Parameters(index = "1", paramLabel = "REGION", description = "Id of the region.")
    private long region;

    @Parameters(
        arity = "0..*",
        index = "2..*",
        paramLabel = "MORE",
        description = "Stores, a region or keys, as the kind has it.")
    private List<String> more = List.of();

    @Mixin private PdQuestions pd;

    @Override
    public Integer call() {
      return pd.change("POST", "/operators", wish(kind, region, more).toString());
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

  /** The operator as the placement driver reads it, which checks the rest. */
  private static ObjectNode wish(String kind, long region, List<String> more) {
    ObjectNode wish = JsonNodeFactory.instance.objectNode().put("name", kind);
    switch (kind) {
      case "merge-region" ->
          wish.put("source_region_id", region).put("target_region_id", id(kind, more, 0));
      case "transfer-leader" -> wish.put("region_id", region).put("to_store_id", id(kind, more, 0));
      case "transfer-peer" ->
          wish.put("region_id", region)
              .put("from_store_id", id(kind, more, 0))
              .put("to_store_id", id(kind, more, 1));
      case "transfer-region" -> {
        ArrayNode stores = wish.put("region_id", region).putArray("to_store_ids");
        for (int i = 0; i < more.size(); i++) {
          stores.add(id(kind, more, i));
        }
      }
      case "split-region" -> {
        wish.put("region_id", region).put("policy", more.isEmpty() ? "scan" : "usekey");
        more.forEach(wish.putArray("keys")::add);
      }
      case "scatter-region" -> wish.put("region_id", region);
      default -> wish.put("region_id", region).put("store_id", id(kind, more, 0));
    }
    return wish;
  }

  private static long id(String kind, List<String> more, int place) {
    if (place >= more.size()) {
      throw new IllegalArgumentException(
          kind + " needs more ids; see `arrowraft ctl operator add --help`");
    }
    try {
      return Long.parseUnsignedLong(more.get(place));
    } catch (NumberFormatException notANumber) {
      throw new IllegalArgumentException(
          kind + " needs an id, not '" + more.get(place) + "'", notANumber);
    }
  }
}
