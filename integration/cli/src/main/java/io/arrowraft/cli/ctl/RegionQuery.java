package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Regions by id, by key, of a store, or all in key order. */
@Command(
    name = "region",
    mixinStandardHelpOptions = true,
    description =
        "Show regions in key order: range, peers by store, leader, size. Keys are in hex.",
    subcommands = {
      ConsistencyQuery.class,
      RegionActions.Check.class,
      RegionActions.Top.class,
      RegionActions.Sibling.class
    })
final class RegionQuery implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "ID", description = "Only this region.")
  private Long id;

  @Option(names = "--key", paramLabel = "KEY", description = "The region that holds this key.")
  private String key;

  @Option(names = "--hex", description = "The key is in hexadecimal, as shown.")
  private boolean hex;

  @Option(names = "--store", paramLabel = "ID", description = "Regions with a peer on this store.")
  private Long store;

  @Option(
      names = "--limit",
      defaultValue = "100",
      description = "How many regions at most (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Mixin private PdQuestions pd;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if ((id == null ? 0 : 1) + (key == null ? 0 : 1) + (store == null ? 0 : 1) > 1) {
      throw new ParameterException(
          spec.commandLine(), "give an id, a --key or a --store, not several of them");
    }
    if (id != null) {
      return pd.print(
          "/region/id/" + id, "there is no region " + id, region -> table(List.of(region)));
    }
    if (key != null) {
      String encoded = hex ? key + "?format=hex" : URLEncoder.encode(key, StandardCharsets.UTF_8);
      return pd.print(
          "/region/key/" + encoded,
          "no region holds this key at the moment",
          region -> table(List.of(region)));
    }
    String path = store == null ? "/regions" : "/regions/store/" + store;
    return pd.print(path + "?limit=" + limit, "no regions", answer -> table(answer.get("regions")));
  }

  static Table table(Iterable<JsonNode> regions) {
    Table table =
        new Table(
            "ID",
            "START",
            "END",
            "EPOCH",
            "LEADER",
            "VOTERS",
            "LEARNERS",
            "DOWN",
            "PENDING",
            "SIZE",
            "KEYS");
    for (JsonNode region : regions) {
      table.row(
          region.path("id"),
          region.path("start_key"),
          region.path("end_key"),
          region.at("/epoch/conf_ver").asText() + "/" + region.at("/epoch/version").asText(),
          region.at("/leader/store_id"),
          stores(region, false),
          stores(region, true),
          region.path("down_peers").size(),
          region.path("pending_peers").size(),
          region.path("approximate_size").asText() + "MiB",
          region.path("approximate_keys"));
    }
    return table;
  }

  private static String stores(JsonNode region, boolean learners) {
    List<String> ids = new ArrayList<>();
    for (JsonNode peer : region.path("peers")) {
      if (peer.path("is_learner").asBoolean() == learners) {
        ids.add(peer.path("store_id").asText());
      }
    }
    return String.join(",", ids);
  }
}
