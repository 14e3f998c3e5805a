package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arrowraft.pd.PdConfig;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.pd.settings.Option;
import io.arrowraft.pd.settings.ScheduleConfig;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpRoutes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** The settings, and changing them while the cluster runs. */
final class ConfigRoutes {
  private static final String EXAMPLE = "{\"leader-schedule-limit\":4}";

  private final PdConfig config;
  private final LeaderState leader;
  private final HttpTasks tasks;
  private final String version;

  ConfigRoutes(PdConfig config, LeaderState leader, HttpTasks tasks, String version) {
    this.config = config;
    this.leader = leader;
    this.tasks = tasks;
    this.version = version;
  }

  void add(HttpRoutes.Builder routes) {
    routes
        .get(Paths.API + "/config", (request, parts) -> tasks.leading(this::now, this::all))
        .post(Paths.API + "/config", (request, parts) -> change(request.body()));
    Map.of("schedule", "schedule", "replicate", "replication")
        .forEach(
            (path, section) ->
                routes
                    .get(
                        Paths.API + "/config/" + path,
                        (request, parts) ->
                            tasks.leading(this::now, values -> section(values, section)))
                    .post(
                        Paths.API + "/config/" + path, (request, parts) -> change(request.body())));
  }

  private ScheduleConfig now() {
    return leader.scheduling().settings().config();
  }

  private JsonNode all(ScheduleConfig values) {
    ObjectNode root = Json.object().put("name", config.name()).put("cluster-version", version);
    List<String> sections = new ArrayList<>();
    for (Option option : Option.values()) {
      if (!sections.contains(option.section())) {
        sections.add(option.section());
        root.set(option.section(), section(values, option.section()));
      }
    }
    return root;
  }

  private static ObjectNode section(ScheduleConfig values, String section) {
    ObjectNode node = Json.object();
    for (Option option : Option.values()) {
      if (option.section().equals(section)) {
        switch (option.kind()) {
          case COUNT -> node.put(option.key(), values.count(option));
          case RATIO -> node.put(option.key(), values.ratio(option));
          case FLAG -> node.put(option.key(), values.flag(option));
          case SPAN -> node.put(option.key(), Option.text(values.span(option)));
          case TEXT -> node.put(option.key(), values.text(option));
          case LIST -> node.put(option.key(), String.join(",", values.list(option)));
        }
      }
    }
    return node;
  }

  private CompletionStage<HttpAnswer> change(String text) {
    Body body = Body.object(text, EXAMPLE);
    Map<Option, String> changes = new LinkedHashMap<>();
    read("", body.node(), changes);
    if (changes.isEmpty()) {
      throw new IllegalArgumentException("the body names no setting; an example is " + EXAMPLE);
    }
    return tasks.changing(
        () -> leader.log().propose(leader.scheduling().settings().change(changes)),
        done -> JsonNodeFactory.instance.textNode("The config is updated."));
  }

  private static void read(String section, JsonNode node, Map<Option, String> changes) {
    node.properties()
        .forEach(
            entry -> {
              String name = section + entry.getKey();
              JsonNode value = entry.getValue();
              if (value.isObject()) {
                read(name + ".", value, changes);
              } else {
                changes.put(option(name), value.isArray() ? joined(value) : value.asText());
              }
            });
  }

  private static String joined(JsonNode list) {
    List<String> parts = new ArrayList<>();
    ((ArrayNode) list).forEach(each -> parts.add(each.asText()));
    return String.join(",", parts);
  }

  private static Option option(String name) {
    return Option.named(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no setting '%s' that can be changed; GET %s/config shows all%s"
                        .formatted(name, Paths.API, similar(name))));
  }

  private static String similar(String name) {
    String bare = name.substring(name.lastIndexOf('.') + 1);
    List<String> close = new ArrayList<>();
    for (Option option : Option.values()) {
      if (option.key().contains(bare) || bare.contains(option.key())) {
        close.add(option.key());
      }
    }
    return close.isEmpty() ? "" : "; did you mean " + String.join(" or ", close) + "?";
  }
}
