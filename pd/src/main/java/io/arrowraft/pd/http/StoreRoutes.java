package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arrowraft.pd.operator.StoreLimit;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.StoreView;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.pd.service.StoreLife;
import io.arrowraft.pd.settings.Option;
import io.arrowraft.pd.settings.Settings;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.PdResult;
import io.arrowraft.pd.store.StoreStatus;
import io.arrowraft.proto.metapb.StoreLabel;
import io.arrowraft.proto.metapb.StoreState;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.rpc.http.HttpRoutes;
import io.arrowraft.runtime.TimeSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** The stores: what they are, what they hold, and what is to become of them. */
final class StoreRoutes {
  private static final String LIMIT_EXAMPLE = "{\"type\":\"add-peer\",\"rate\":30}";

  private final LeaderState leader;
  private final HttpTasks tasks;
  private final TimeSource time;

  StoreRoutes(LeaderState leader, HttpTasks tasks, TimeSource time) {
    this.leader = leader;
    this.tasks = tasks;
    this.time = time;
  }

  void add(HttpRoutes.Builder routes) {
    String store = Paths.API + "/store/{id}";
    String stores = Paths.API + "/stores";
    routes
        .get(stores, (request, parts) -> list(request))
        .get(store, (request, parts) -> one(id(parts)))
        .delete(
            store,
            (request, parts) -> {
              boolean force =
                  request.parameter("force").filter(f -> !f.equals("false")).isPresent();
              return changed(
                  () -> StoreLife.drain(leader, id(parts), force),
                  "The store is set as Offline; its replicas move to other stores.");
            })
        .post(store + "/state", (request, parts) -> state(id(parts), request))
        .post(store + "/label", (request, parts) -> label(id(parts), request))
        .delete(store + "/label", (request, parts) -> unlabel(id(parts), request))
        .post(store + "/weight", (request, parts) -> weight(id(parts), request))
        .post(
            store + "/limit",
            (request, parts) ->
                limit(List.of(id(parts)), Body.object(request.body(), LIMIT_EXAMPLE)))
        .get(stores + "/limit", (request, parts) -> tasks.leading(this::limits, all -> all))
        .post(
            stores + "/limit",
            (request, parts) -> limit(List.of(), Body.object(request.body(), LIMIT_EXAMPLE)))
        .delete(
            stores + "/remove-tombstone",
            (request, parts) ->
                tasks.changing(
                    () -> StoreLife.forgetTombstones(leader),
                    count ->
                        JsonNodeFactory.instance.textNode(
                            "Removed %d tombstones.".formatted(count))));
  }

  private static long id(List<String> parts) {
    return Paths.number("store id", parts.get(0));
  }

  private CompletionStage<HttpAnswer> list(HttpRequest request) {
    Optional<Long> state = request.parameter("state").map(s -> Paths.number("state", s));
    Predicate<StoreStatus> wanted =
        state.isPresent()
            ? store -> store.meta().getStateValue() == state.get()
            : StoreStatus::isPresent;
    return tasks.leading(
        () -> shown(wanted),
        list -> {
          ObjectNode root = Json.object().put("count", list.size());
          list.forEach(root.withArray("stores")::add);
          return list.isEmpty() ? root.set("stores", JsonNodeFactory.instance.arrayNode()) : root;
        });
  }

  private CompletionStage<HttpAnswer> one(long id) {
    return tasks.found(
        () -> shown(store -> store.id() == id).stream().findFirst(),
        node -> node,
        "store " + Long.toUnsignedString(id) + " not found");
  }

  private List<ObjectNode> shown(Predicate<StoreStatus> wanted) {
    ClusterView view = leader.scheduling().view();
    StoreJson json = new StoreJson(view.config(), time.wallMillis());
    List<ObjectNode> shown = new ArrayList<>();
    for (StoreView store : view.stores()) {
      if (wanted.test(store.status())) {
        shown.add(json.of(store));
      }
    }
    return shown;
  }

  private CompletionStage<HttpAnswer> state(long id, HttpRequest request) {
    String state = request.parameter("state").orElse("");
    return switch (state.toLowerCase(Locale.ROOT)) {
      case "up" -> changed(() -> StoreLife.keep(leader, id), "The store's state is updated.");
      case "offline" ->
          changed(() -> StoreLife.drain(leader, id, false), "The store's state is updated.");
      default ->
          throw new IllegalArgumentException(
              "state must be Up, to keep a store, or Offline, to empty it, not '" + state + "'");
    };
  }

  private CompletionStage<HttpAnswer> label(long id, HttpRequest request) {
    Body body = Body.object(request.body(), "{\"zone\":\"a\",\"host\":\"h1\"}");
    boolean replace = request.parameter("force").filter(f -> !f.equals("false")).isPresent();
    return changed(
        () -> {
          Map<String, StoreLabel> labels = replace ? new LinkedHashMap<>() : labels(id);
          body.node()
              .properties()
              .forEach(
                  entry -> {
                    String key = entry.getKey().toLowerCase(Locale.ROOT);
                    if (key.isBlank() || entry.getValue().isContainerNode()) {
                      throw new IllegalArgumentException(
                          "labels are names and texts, such as " + body.example());
                    }
                    labels.put(
                        key,
                        StoreLabel.newBuilder()
                            .setKey(entry.getKey())
                            .setValue(entry.getValue().asText())
                            .build());
                  });
          labels.values().removeIf(label -> label.getValue().isEmpty());
          return StoreLife.change(
              leader, PdCommand.ChangeStore.labels(id, List.copyOf(labels.values())));
        },
        "The store's label is updated.");
  }

  private CompletionStage<HttpAnswer> unlabel(long id, HttpRequest request) {
    String key =
        request
            .parameter("key")
            .orElseThrow(() -> new IllegalArgumentException("say which label: ?key=zone"));
    return changed(
        () -> {
          Map<String, StoreLabel> labels = labels(id);
          if (labels.remove(key.toLowerCase(Locale.ROOT)) == null) {
            throw new IllegalArgumentException("store " + id + " has no label '" + key + "'");
          }
          return StoreLife.change(
              leader, PdCommand.ChangeStore.labels(id, List.copyOf(labels.values())));
        },
        "The label of the store is deleted.");
  }

  private Map<String, StoreLabel> labels(long id) {
    Map<String, StoreLabel> labels = new LinkedHashMap<>();
    known(id)
        .meta()
        .getLabelsList()
        .forEach(label -> labels.put(label.getKey().toLowerCase(Locale.ROOT), label));
    return labels;
  }

  private CompletionStage<HttpAnswer> weight(long id, HttpRequest request) {
    Body body = Body.object(request.body(), "{\"leader\":1,\"region\":1}");
    return changed(
        () -> {
          known(id);
          Settings settings = leader.scheduling().settings();
          Settings.Weight now = settings.weight(id);
          return leader
              .log()
              .propose(
                  settings.changeWeight(
                      id,
                      new Settings.Weight(
                          body.number("leader", now.leader()),
                          body.number("region", now.region()))));
        },
        "The store's weight is updated.");
  }

  /**
   * @param ids stores that are meant; none: all, and those that come later too
   */
  private CompletionStage<HttpAnswer> limit(List<Long> ids, Body body) {
    double rate = body.number("rate", 0);
    String type = body.text("type", "");
    if (!List.of("", "add-peer", "remove-peer").contains(type)) {
      throw new IllegalArgumentException(
          "type must be add-peer or remove-peer, or left out for both, not '" + type + "'");
    }
    return changed(
        () -> {
          Settings settings = leader.scheduling().settings();
          TreeMap<Long, StoreLimit> limits = new TreeMap<>();
          ids.forEach(this::known);
          List<Long> meant =
              ids.isEmpty()
                  ? leader.stores().all().stream()
                      .filter(StoreStatus::isPresent)
                      .map(StoreStatus::id)
                      .toList()
                  : ids;
          for (long id : meant) {
            StoreLimit now = settings.storeLimit(id);
            limits.put(
                id,
                new StoreLimit(
                    type.equals("remove-peer") ? now.addPerMinute() : rate,
                    type.equals("add-peer") ? now.removePerMinute() : rate));
          }
          CompletableFuture<PdResult> set = leader.log().propose(settings.changeLimits(limits));
          return ids.isEmpty() && type.isEmpty()
              ? set.thenCompose(
                  done ->
                      leader
                          .log()
                          .propose(
                              settings.change(Map.of(Option.STORE_LIMIT, Double.toString(rate)))))
              : set;
        },
        "The store limit is updated.");
  }

  private JsonNode limits() {
    ObjectNode all = Json.object();
    for (StoreStatus store : leader.stores().all()) {
      if (store.meta().getState() != StoreState.Tombstone) {
        StoreLimit limit = leader.scheduling().settings().storeLimit(store.id());
        all.putObject(Long.toUnsignedString(store.id()))
            .put("add-peer", limit.addPerMinute())
            .put("remove-peer", limit.removePerMinute());
      }
    }
    return all;
  }

  private StoreStatus known(long id) {
    return leader
        .stores()
        .status(id)
        .orElseThrow(
            () -> new IllegalArgumentException("there is no store " + Long.toUnsignedString(id)));
  }

  private <T> CompletionStage<HttpAnswer> changed(HttpTasks.Change<T> change, String said) {
    return tasks.changing(change, done -> JsonNodeFactory.instance.textNode(said));
  }
}
