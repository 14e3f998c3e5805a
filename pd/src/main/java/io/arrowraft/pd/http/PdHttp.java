package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.arrowraft.pd.PdConfig;
import io.arrowraft.pd.member.MemberCalls;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.schedule.CheckerPauses;
import io.arrowraft.pd.schedule.SchedulerRound;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.pd.store.StoreStatus;
import io.arrowraft.proto.metapb.StoreState;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpHandler;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.rpc.http.HttpRoutes;
import io.arrowraft.rpc.http.Telemetry;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/** Answers what operators ask one member of the placement driver. */
public final class PdHttp implements HttpHandler {
  private static final String API = "/pd/api/v1";
  private static final String VERSION = "6.5.0";
  private static final int REGIONS_DEFAULT = 10_000;
  private static final int REGIONS_MAX = 100_000;

  private final Forwarding forwarding;
  private final LeaderState leader;
  private final PdConfig config;
  private final TimeSource time;
  private final Telemetry telemetry;
  private final PdGauges gauges;
  private final HttpTasks tasks;
  private final HttpRoutes routes;

  /**
   * @param members asked about themselves, and who else there is to ask
   * @param loop owns {@code leader}
   * @param pool writes the answers; refuses when it is full
   */
  public PdHttp(
      PdConfig config,
      MemberCalls members,
      LeaderState leader,
      EventLoop loop,
      Executor pool,
      TimeSource time,
      Telemetry telemetry) {
    this.config = config;
    this.forwarding = new Forwarding(members);
    this.leader = leader;
    this.time = time;
    this.telemetry = telemetry;
    this.gauges = new PdGauges(telemetry.meters());
    this.tasks = new HttpTasks(leader, loop, pool);
    HttpRoutes.Builder builder = HttpRoutes.builder();
    new MemberRoutes(members, loop).add(builder);
    addCluster(builder);
    addStores(builder);
    addRegions(builder);
    addSchedule(builder);
    this.routes = builder.build();
  }

  @Override
  public CompletionStage<HttpAnswer> handle(HttpRequest request) {
    return forwarding.handle(request, routes);
  }

  /** Answers here whatever it is: for questions that another member has passed on. */
  public HttpHandler direct() {
    return routes;
  }

  private void addCluster(HttpRoutes.Builder builder) {
    builder
        .get(
            API + "/version",
            (request, parts) ->
                tasks.always(() -> true, any -> Json.object().put("version", VERSION)))
        .get("/metrics", (request, parts) -> tasks.plain(this::picture, this::metrics))
        .get(
            API + "/cluster",
            (request, parts) ->
                tasks.leading(
                    () -> leader.state().clusterId(),
                    id ->
                        Json.object()
                            .put("id", Json.unsigned(id))
                            .put("max_peer_count", config.replicas())))
        .get(API + "/config", (request, parts) -> tasks.leading(this::replicas, this::config));
  }

  private void addStores(HttpRoutes.Builder builder) {
    builder
        .get(
            API + "/stores",
            (request, parts) -> {
              Predicate<StoreStatus> wanted = wantedState(request);
              return tasks.leading(
                  this::picture,
                  picture ->
                      storeJson(picture).list(picture.stores().stream().filter(wanted).toList()));
            })
        .get(
            API + "/store/{id}",
            (request, parts) -> {
              long id = number("store id", parts.get(0));
              return tasks.found(
                  () -> leader.stores().status(id).map(store -> new Found(picture(), store)),
                  found -> storeJson(found.picture()).of(found.store()),
                  "store " + parts.get(0) + " not found");
            });
  }

  private void addRegions(HttpRoutes.Builder builder) {
    builder
        .get(
            API + "/regions",
            (request, parts) -> scan(request, ByteString.EMPTY, ByteString.EMPTY, region -> true))
        .get(
            API + "/regions/key",
            (request, parts) ->
                scan(
                    request,
                    RequestKeys.ofQuery(request, "key"),
                    RequestKeys.ofQuery(request, "end_key"),
                    region -> true))
        .get(
            API + "/regions/store/{id}",
            (request, parts) -> {
              long id = number("store id", parts.get(0));
              return scan(
                  request,
                  ByteString.EMPTY,
                  ByteString.EMPTY,
                  region -> region.peerOn(id).isPresent());
            })
        .get(
            API + "/region/id/{id}",
            (request, parts) -> {
              long id = number("region id", parts.get(0));
              return tasks.leading(() -> leader.regions().find(id), PdHttp::regionOrNull);
            })
        .get(
            API + "/region/key/{key}",
            (request, parts) -> {
              ByteString key = RequestKeys.ofPath(request, parts.get(0));
              return tasks.leading(() -> leader.regions().find(key), PdHttp::regionOrNull);
            });
  }

  private void addSchedule(HttpRoutes.Builder builder) {
    CheckerPauses pauses = leader.board().pauses();
    builder
        .get(
            API + "/operators",
            (request, parts) ->
                tasks.leading(
                    () -> leader.board().running(),
                    running ->
                        request.parameter("object").isPresent()
                            ? OperatorJson.objects(running)
                            : OperatorJson.sentences(running)))
        .get(
            API + "/operators/{region}",
            (request, parts) -> {
              long id = number("region id", parts.get(0));
              return tasks.found(
                  () -> leader.board().progress(id),
                  OperatorJson::of,
                  "no operator is known for region " + parts.get(0));
            })
        .get(
            API + "/schedulers",
            (request, parts) ->
                tasks.leading(
                    () -> SchedulerRound.SCHEDULERS,
                    names -> {
                      ArrayNode list = JsonNodeFactory.instance.arrayNode();
                      names.forEach(list::add);
                      return list;
                    }))
        .get(
            API + "/checker/{name}",
            (request, parts) -> {
              String checker = CheckerRequests.checker(parts.get(0));
              return tasks.leading(
                  () -> pauses.isPaused(checker), paused -> Json.object().put("paused", paused));
            })
        .post(
            API + "/checker/{name}",
            (request, parts) -> {
              String checker = CheckerRequests.checker(parts.get(0));
              Duration span = CheckerRequests.delay(request.body());
              return tasks.leading(
                  () -> {
                    pauses.pause(checker, span);
                    return span;
                  },
                  done ->
                      JsonNodeFactory.instance.textNode(
                          done.isZero() ? "Resume the checker." : "Pause the checker."));
            });
  }

  /** What the leader knows at one moment. */
  private record Picture(
      boolean serving, List<StoreStatus> stores, List<RegionInfo> regions, int operators) {}

  private record Found(Picture picture, StoreStatus store) {}

  private Picture picture() {
    boolean serving = leader.serving();
    return new Picture(
        serving,
        serving ? leader.stores().all() : List.of(),
        serving ? new ArrayList<>(leader.regions().all()) : List.of(),
        serving ? leader.board().running().size() : 0);
  }

  private StoreJson storeJson(Picture picture) {
    return new StoreJson(
        config.schedule(),
        new RegionCounts(picture.regions(), config.replicas()),
        time.wallMillis());
  }

  private HttpAnswer metrics(Picture picture) {
    gauges.refresh(
        picture.serving(),
        new RegionCounts(picture.regions(), config.replicas()),
        picture.stores(),
        config.schedule(),
        picture.operators());
    return HttpAnswer.metrics(telemetry.exposition().get());
  }

  private CompletionStage<HttpAnswer> scan(
      HttpRequest request, ByteString start, ByteString end, Predicate<RegionInfo> wanted) {
    long limit = request.parameter("limit").map(l -> number("limit", l)).orElse(0L);
    long most = limit <= 0 ? REGIONS_DEFAULT : Math.min(limit, REGIONS_MAX);
    return tasks.leading(
        () -> leader.regions().scan(start, end, Integer.MAX_VALUE),
        regions -> {
          List<RegionInfo> fitting = regions.stream().filter(wanted).toList();
          return RegionJson.list(fitting.size(), fitting.stream().limit(most).toList());
        });
  }

  private static JsonNode regionOrNull(Optional<RegionInfo> region) {
    return region.<JsonNode>map(RegionJson::of).orElseGet(JsonNodeFactory.instance::nullNode);
  }

  private int replicas() {
    return leader
        .state()
        .cluster()
        .map(cluster -> cluster.getMaxPeerCount())
        .filter(count -> count > 0)
        .orElse(config.replicas());
  }

  private JsonNode config(int replicas) {
    ObjectNode root = Json.object().put("name", config.name()).put("cluster-version", VERSION);
    root.putObject("replication").put("max-replicas", replicas);
    root.putObject("schedule")
        .put("leader-schedule-limit", config.schedule().leaderOperatorsMax())
        .put("replica-schedule-limit", config.schedule().replicaOperatorsMax())
        .put("max-store-down-time", Json.span(config.schedule().storeDownAfter()))
        .put("patrol-region-interval", config.schedule().interval().toMillis() + "ms");
    return root;
  }

  private static Predicate<StoreStatus> wantedState(HttpRequest request) {
    Optional<Long> state = request.parameter("state").map(s -> number("state", s));
    return state.isPresent()
        ? store -> store.meta().getStateValue() == state.get()
        : store -> store.meta().getState() != StoreState.Tombstone;
  }

  private static long number(String what, String text) {
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException notANumber) {
      throw new IllegalArgumentException(
          what + " must be a number, not '" + text + "'", notANumber);
    }
  }
}
