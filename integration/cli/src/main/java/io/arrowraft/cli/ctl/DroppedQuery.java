package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.table.change.ReclaimProgress;
import io.arrowraft.client.table.change.SchemaChanges;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Dropped tables and indexes whose space is still taken. */
@Command(
    name = "dropped",
    mixinStandardHelpOptions = true,
    description = {
      "Show the keys of dropped tables and indexes whose space has not been given back: each waits",
      "until garbage collection has passed its drop, and then for a client that uses tables.",
      "Keys are in hex."
    })
final class DroppedQuery implements Callable<Integer> {
  private static final Duration BOUND = Duration.ofHours(1);

  @Option(
      names = "--reclaim",
      description = "Give back now what garbage collection has passed, and show the rest.")
  private boolean reclaim;

  @Mixin private PdQuestions pd;

  @Override
  public Integer call() {
    try (ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(pd.address()))) {
      SchemaChanges changes = client.tables().changes();
      if (reclaim) {
        client.await(changes.reclaim(), BOUND);
      }
      return pd.print(json(client.await(changes.reclaims())), DroppedQuery::table);
    }
  }

  private static JsonNode json(List<ReclaimProgress> all) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (ReclaimProgress each : all) {
      ObjectNode node =
          list.addObject()
              .put("id", each.id())
              .put("start_key", each.keys().start().toString())
              .put("end_key", each.keys().end().toString());
      each.waitsFor()
          .ifPresent(
              timestamp ->
                  node.put("waits_for", timestamp.value())
                      .put(
                          "waits_for_time",
                          Instant.ofEpochMilli(timestamp.physicalMillis()).toString()));
      each.next().ifPresent(key -> node.put("next_key", key.toString()));
    }
    return list;
  }

  private static Table table(JsonNode all) {
    Table table = new Table("ID", "START", "END", "WAITS FOR", "TIME", "NEXT");
    for (JsonNode each : all) {
      table.row(
          each.path("id"),
          each.path("start_key"),
          each.path("end_key"),
          each.path("waits_for"),
          each.path("waits_for_time"),
          each.path("next_key"));
    }
    return table;
  }
}
