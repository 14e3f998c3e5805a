package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** How far garbage collection is. Its life time is a setting: see {@code ctl config}. */
@Command(
    name = "gc",
    mixinStandardHelpOptions = true,
    description = {
      "Show how far garbage collection is, which services hold it back, and which regions lag.",
      "Change it by ctl config set gc-life-time 1h, gc-run-interval or gc-enable."
    })
final class GcQuery implements Callable<Integer> {
  private static final int LOGICAL_BITS = 18;

  @Mixin private PdQuestions pd;

  @Override
  public Integer call() {
    return pd.print("/gc/safepoint", "no safe point", GcQuery::table);
  }

  private static Table table(JsonNode gc) {
    Table table = new Table("WHAT", "TIMESTAMP", "TIME", "NOTE");
    boolean enabled = gc.path("enabled").asBoolean();
    row(table, "target", gc.path("gc_target"), enabled ? "" : "switched off");
    row(table, "safe point", gc.path("gc_safe_point"), "reads below are refused");
    row(table, "collectable", gc.path("gc_collectable"), "versions are removed up to here");
    table.row(
        "life time",
        "",
        "",
        gc.path("life_time").asText() + ", every " + gc.path("run_interval").asText());
    for (JsonNode service : gc.path("service_gc_safe_points")) {
      row(
          table,
          "claim of " + service.path("service_id").asText(),
          service.path("safe_point"),
          service.has("ttl_seconds")
              ? "for " + service.path("ttl_seconds").asLong() + "s more"
              : "for ever");
    }
    for (JsonNode lag : gc.path("lagging")) {
      row(
          table,
          "region " + lag.path("region_id").asText("unknown") + " lags",
          lag.path("resolved"),
          "led on store " + lag.path("leader_store").asText("unknown"));
    }
    return table;
  }

  private static void row(Table table, String what, JsonNode timestamp, String note) {
    long value = timestamp.asLong();
    table.row(
        what,
        value,
        value <= 0 ? "" : Instant.ofEpochMilli(value >>> LOGICAL_BITS).toString(),
        note);
  }
}
