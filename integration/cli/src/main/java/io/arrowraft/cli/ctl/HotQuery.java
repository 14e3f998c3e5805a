package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Where the traffic is. */
@Command(
    name = "hot",
    mixinStandardHelpOptions = true,
    description = "Show the traffic of stores, or the busiest regions.")
final class HotQuery implements Callable<Integer> {
  private static final String STORES = "store";

  @Parameters(
      arity = "0..1",
      defaultValue = STORES,
      paramLabel = "WHAT",
      description = "store, read or write (default: store).")
  private String what;

  @Mixin private PdQuestions pd;

  @Override
  public Integer call() {
    return what.equals(STORES)
        ? pd.print("/hotspot/stores", "no stores", HotQuery::stores)
        : pd.print("/hotspot/regions/" + PdQuestions.encoded(what), "no regions", this::regions);
  }

  private static Table stores(JsonNode rates) {
    Table table =
        new Table(
            "STORE", "READ B/S", "READ KEYS/S", "READS/S", "WRITE B/S", "WRITE KEYS/S", "WRITES/S");
    rates
        .path("bytes-read-rate")
        .fieldNames()
        .forEachRemaining(
            store ->
                table.row(
                    store,
                    whole(rates.path("bytes-read-rate").path(store)),
                    whole(rates.path("keys-read-rate").path(store)),
                    whole(rates.path("query-read-rate").path(store)),
                    whole(rates.path("bytes-write-rate").path(store)),
                    whole(rates.path("keys-write-rate").path(store)),
                    whole(rates.path("query-write-rate").path(store))));
    return table;
  }

  /** Writes by the store of the leader, reads by the store that serves them. */
  private Table regions(JsonNode hot) {
    Table table = new Table("REGION", "STORE", "DEGREE", "B/S", "KEYS/S", "REQUESTS/S");
    String by = what.equals("read") ? "as_peer" : "as_leader";
    for (Map.Entry<String, JsonNode> store : hot.path(by).properties()) {
      for (JsonNode region : store.getValue().path("statistics")) {
        table.row(
            region.path("region_id"),
            store.getKey(),
            region.path("hot_degree"),
            whole(region.path("flow_bytes")),
            whole(region.path("flow_keys")),
            whole(region.path("flow_query")));
      }
    }
    return table;
  }

  private static long whole(JsonNode rate) {
    return Math.round(rate.asDouble());
  }
}
