package io.arrowraft.cli.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The stores and what they hold. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "List the stores: id, address, state, regions, leaders and labels.")
final class StoreList implements Callable<Integer> {
  private static final String FORMAT = "%-6s %-24s %-13s %8s %8s  %s";

  @Mixin private PlacementApi pd;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    // Asked first: who gets no answer is to see the reason alone.
    JsonNode stores = pd.get("/stores").path("stores");
    out.println(FORMAT.formatted("ID", "ADDRESS", "STATE", "REGIONS", "LEADERS", "LABELS"));
    for (JsonNode each : stores) {
      JsonNode store = each.path("store");
      out.println(
          FORMAT.formatted(
              store.path("id").asText(),
              store.path("address").asText(),
              store.path("state_name").asText(),
              each.at("/status/region_count").asInt(),
              each.at("/status/leader_count").asInt(),
              labels(store.path("labels"))));
    }
    out.flush();
    return 0;
  }

  private static String labels(JsonNode labels) {
    List<String> words = new ArrayList<>();
    labels.forEach(
        label -> words.add(label.path("key").asText() + "=" + label.path("value").asText()));
    return words.isEmpty() ? "-" : String.join(",", words);
  }
}
