package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arrowraft.pd.PdConfig;
import io.arrowraft.pd.gc.GarbageCollection;
import io.arrowraft.pd.member.MemberCalls;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.pd.settings.Option;
import io.arrowraft.pd.settings.ScheduleConfig;
import io.arrowraft.pd.store.StoreStatus;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpHandler;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.rpc.http.HttpRoutes;
import io.arrowraft.rpc.http.Telemetry;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Answers what operators ask one member of the placement driver, and does what they want. */
public final class PdHttp implements HttpHandler {
  private static final String VERSION = "6.5.0";

  private final Forwarding forwarding;
  private final LeaderState leader;
  private final Telemetry telemetry;
  private final PdGauges gauges;
  private final GcGauges gcGauges;
  private final TimeSource time;
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
    this.forwarding = new Forwarding(members);
    this.leader = leader;
    this.telemetry = telemetry;
    this.gauges = new PdGauges(telemetry.meters());
    this.gcGauges = new GcGauges(telemetry.meters());
    this.time = time;
    this.tasks = new HttpTasks(leader, loop, pool);
    HttpRoutes.Builder builder = HttpRoutes.builder();
    new MemberRoutes(members, loop).add(builder);
    addCluster(builder);
    new StoreRoutes(leader, tasks, time).add(builder);
    new RegionRoutes(leader, tasks).add(builder);
    new OperatorRoutes(leader, loop, tasks).add(builder);
    new SchedulerRoutes(leader, tasks).add(builder);
    new ConfigRoutes(config, leader, tasks, VERSION).add(builder);
    new RuleRoutes(leader, tasks).add(builder);
    new HotRoutes(leader, tasks).add(builder);
    new GcRoutes(leader, tasks, time).add(builder);
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
            Paths.API + "/version",
            (request, parts) ->
                tasks.always(() -> true, any -> Json.object().put("version", VERSION)))
        .get("/metrics", (request, parts) -> tasks.plain(this::picture, this::metrics))
        .get(
            Paths.API + "/cluster",
            (request, parts) -> tasks.leading(this::cluster, cluster -> cluster))
        .get(
            Paths.API + "/cluster/status",
            (request, parts) -> tasks.leading(this::status, status -> status));
  }

  private JsonNode cluster() {
    return Json.object()
        .put("id", Json.unsigned(leader.state().clusterId()))
        .put("max_peer_count", leader.scheduling().settings().config().count(Option.MAX_REPLICAS));
  }

  private JsonNode status() {
    ObjectNode status = Json.object().put("is_initialized", leader.state().bootstrapped());
    status
        .put("regions", leader.regions().size())
        .put("stores", leader.stores().all().stream().filter(StoreStatus::isPresent).count())
        .put("operators", leader.board().size());
    return status;
  }

  /** What the leader knows at one moment. */
  private record Picture(
      boolean serving,
      List<StoreStatus> stores,
      List<RegionInfo> regions,
      ScheduleConfig config,
      GarbageCollection.Progress gc,
      int services,
      int operators) {}

  private Picture picture() {
    boolean serving = leader.serving();
    gauges.refreshEnded(leader.board()::ended);
    return new Picture(
        serving,
        serving ? leader.stores().all() : List.of(),
        serving ? new ArrayList<>(leader.regions().all()) : List.of(),
        leader.scheduling().settings().config(),
        leader.gc().progress(),
        leader.state().holds().size(),
        serving ? leader.board().size() : 0);
  }

  private HttpAnswer metrics(Picture picture) {
    gauges.refresh(
        picture.serving(),
        new RegionCounts(picture.regions(), picture.config().count(Option.MAX_REPLICAS)),
        picture.stores(),
        picture.config(),
        picture.operators());
    gcGauges.refresh(
        picture.serving(), picture.gc(), picture.services(), picture.config(), time.wallMillis());
    return HttpAnswer.metrics(telemetry.exposition().get());
  }
}
