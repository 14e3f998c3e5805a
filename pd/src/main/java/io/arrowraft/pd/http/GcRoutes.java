package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.arrowraft.pd.gc.GarbageCollection;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.pd.settings.Option;
import io.arrowraft.pd.settings.ScheduleConfig;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.ServiceHold;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpRoutes;
import io.arrowraft.runtime.TimeSource;
import java.util.concurrent.CompletionStage;

/** How far garbage collection is, and who holds it back. */
final class GcRoutes {
  private static final int LAGGING_SHOWN_MAX = 16;

  private final LeaderState leader;
  private final HttpTasks tasks;
  private final TimeSource time;

  GcRoutes(LeaderState leader, HttpTasks tasks, TimeSource time) {
    this.leader = leader;
    this.tasks = tasks;
    this.time = time;
  }

  void add(HttpRoutes.Builder routes) {
    String path = Paths.API + "/gc/safepoint";
    routes
        .get(path, (request, parts) -> tasks.leading(this::now, now -> now))
        .delete(path + "/{service}", (request, parts) -> release(parts.get(0)));
  }

  private JsonNode now() {
    GarbageCollection.Progress progress = leader.gc().progress();
    ScheduleConfig config = leader.scheduling().settings().config();
    ObjectNode now =
        Json.object()
            .put("gc_safe_point", Json.unsigned(progress.safePoint()))
            .put("gc_target", Json.unsigned(progress.target()))
            .put("gc_collectable", Json.unsigned(progress.collectable()))
            .put("enabled", config.flag(Option.GC_ENABLE))
            .put("max_wait_time", Option.text(config.span(Option.GC_MAX_WAIT_TIME)))
            .put("life_time", Option.text(config.span(Option.GC_LIFE_TIME)))
            .put("run_interval", Option.text(config.span(Option.GC_RUN_INTERVAL)));
    long seconds = time.wallMillis() / 1000;
    ArrayNode services = now.putArray("service_gc_safe_points");
    for (ServiceHold hold : leader.state().holds()) {
      ObjectNode service =
          services
              .addObject()
              .put("service_id", hold.service().toStringUtf8())
              .put("expired_at", hold.expiresAt())
              .put("safe_point", Json.unsigned(hold.safePoint()));
      if (hold.expiresAt() != Long.MAX_VALUE) {
        service.put("ttl_seconds", Math.max(0, hold.expiresAt() - seconds));
      }
    }
    leader
        .state()
        .lowestHold()
        .ifPresent(
            lowest -> now.put("min_service_gc_safe_point", Json.unsigned(lowest.safePoint())));
    ArrayNode lagging = now.putArray("lagging");
    leader.gc().lagging(LAGGING_SHOWN_MAX).forEach(lag -> lagging.add(lagging(lag)));
    return now;
  }

  private JsonNode lagging(GarbageCollection.Lag lag) {
    ObjectNode node =
        Json.object()
            .put("start_key", Json.key(lag.start()))
            .put("end_key", Json.key(lag.end()))
            .put("resolved", Json.unsigned(lag.resolved()));
    leader
        .regions()
        .find(lag.start())
        .ifPresent(
            region -> node.put("region_id", region.id()).put("leader_store", region.leaderStore()));
    return node;
  }

  private CompletionStage<HttpAnswer> release(String service) {
    if (service.equals(ServiceHold.GC_WORKER.toStringUtf8())) {
      throw new IllegalArgumentException(
          "the garbage collector's own claim cannot be taken from it; set gc-enable to false");
    }
    return tasks.changing(
        () ->
            leader
                .log()
                .propose(
                    new PdCommand.HoldSafePoint(
                        ByteString.copyFromUtf8(service), 0, 0, time.wallMillis() / 1000)),
        done -> JsonNodeFactory.instance.textNode("The service holds nothing back any more."));
  }
}
