package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The stores, or one of them. */
@Command(
    name = "store",
    mixinStandardHelpOptions = true,
    description = {
      "Show the stores: their state, what they hold and how full they are.",
      "Or empty, label, weigh, limit and forget them."
    },
    subcommands = {
      StoreActions.Delete.class,
      StoreActions.Keep.class,
      StoreActions.Label.class,
      StoreActions.Weight.class,
      StoreActions.Limit.class,
      StoreActions.RemoveTombstone.class
    })
final class StoreQuery implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "ID", description = "Only this store.")
  private Long id;

  @Mixin private PdQuestions pd;

  @Override
  public Integer call() {
    return id == null
        ? pd.print("/stores", "no stores", answer -> table(answer.get("stores")))
        : pd.print("/store/" + id, "no such store", answer -> table(List.of(answer)));
  }

  private static Table table(Iterable<JsonNode> stores) {
    Table table =
        new Table(
            "ID",
            "ADDRESS",
            "STATUS ADDRESS",
            "STATE",
            "LEADERS",
            "REGIONS",
            "SIZE",
            "USED",
            "CAPACITY",
            "WEIGHT",
            "LABELS",
            "UPTIME");
    for (JsonNode each : stores) {
      JsonNode store = each.path("store");
      JsonNode status = each.path("status");
      table.row(
          store.path("id"),
          store.path("address"),
          store.path("status_address"),
          store.path("state_name"),
          status.path("leader_count"),
          status.path("region_count"),
          status.path("region_size").asText() + "MiB",
          status.path("used_size"),
          status.path("capacity"),
          status.path("leader_weight").asText() + "/" + status.path("region_weight").asText(),
          labels(store),
          status.path("uptime"));
    }
    return table;
  }

  private static String labels(JsonNode store) {
    List<String> labels = new ArrayList<>();
    store
        .path("labels")
        .forEach(
            label -> labels.add(label.path("key").asText() + "=" + label.path("value").asText()));
    return String.join(",", labels);
  }
}
