package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arrowraft.pd.schedule.round.SchedulerCatalog;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.rpc.http.HttpRoutes;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** The schedulers: which run, with which settings, and which rest. */
final class SchedulerRoutes {
  private static final String EXAMPLE = "{\"name\":\"evict-leader-scheduler\",\"store_id\":1}";

  private final LeaderState leader;
  private final HttpTasks tasks;

  SchedulerRoutes(LeaderState leader, HttpTasks tasks) {
    this.leader = leader;
    this.tasks = tasks;
  }

  void add(HttpRoutes.Builder routes) {
    String schedulers = Paths.API + "/schedulers";
    String config = Paths.API + "/scheduler-config";
    routes
        .get(schedulers, (request, parts) -> list(request))
        .post(schedulers, (request, parts) -> create(Body.object(request.body(), EXAMPLE)))
        .delete(
            schedulers + "/{name}",
            (request, parts) ->
                tasks.changing(
                    () -> leader.log().propose(catalog().remove(parts.get(0))),
                    done -> JsonNodeFactory.instance.textNode("The scheduler is removed.")))
        .post(
            schedulers + "/{name}",
            (request, parts) -> {
              Duration span = CheckerRequests.delay(request.body());
              return tasks.leading(
                  () -> {
                    catalog().pause(parts.get(0), span);
                    return span;
                  },
                  done ->
                      JsonNodeFactory.instance.textNode(
                          done.isZero() ? "Resume the scheduler." : "Pause the scheduler."));
            })
        .get(config, (request, parts) -> tasks.leading(this::settings, all -> all))
        .get(
            config + "/{name}",
            (request, parts) ->
                tasks.found(
                    () -> catalog().entry(parts.get(0)).map(SchedulerCatalog.Entry::settings),
                    settings -> settings,
                    "no scheduler '" + parts.get(0) + "' runs"))
        .post(
            config + "/{name}/config",
            (request, parts) -> {
              Body body = Body.object(request.body(), "{\"store_id\":1}");
              return tasks.changing(
                  () -> leader.log().propose(catalog().add(parts.get(0), body.node())),
                  done -> JsonNodeFactory.instance.textNode("The config is updated."));
            });
  }

  private SchedulerCatalog catalog() {
    return leader.scheduling().schedulers();
  }

  private CompletionStage<HttpAnswer> list(HttpRequest request) {
    boolean onlyPaused = request.parameter("status").filter("paused"::equals).isPresent();
    return tasks.leading(
        () -> {
          ArrayNode names = JsonNodeFactory.instance.arrayNode();
          for (SchedulerCatalog.Entry entry : catalog().entries()) {
            if (!onlyPaused || catalog().isPaused(entry)) {
              names.add(entry.name());
            }
          }
          return names;
        },
        names -> names);
  }

  private CompletionStage<HttpAnswer> create(Body body) {
    String name = body.text("name");
    ObjectNode settings = body.node().deepCopy();
    settings.remove("name");
    return tasks.changing(
        () -> leader.log().propose(catalog().add(name, settings)),
        done -> JsonNodeFactory.instance.textNode("The scheduler is created."));
  }

  private JsonNode settings() {
    ObjectNode all = Json.object();
    for (SchedulerCatalog.Entry entry : catalog().entries()) {
      ObjectNode one = all.putObject(entry.name());
      one.put("paused", catalog().isPaused(entry));
      one.set("config", entry.settings());
    }
    return all;
  }
}
