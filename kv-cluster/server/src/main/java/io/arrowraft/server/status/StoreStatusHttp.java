package io.arrowraft.server.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpHandler;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.rpc.http.HttpRoutes;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.server.store.StoreConfig;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;

/** Answers what is asked at a store's status address. */
public final class StoreStatusHttp implements HttpHandler {
  private static final int REGIONS_MAX = 10_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A store that serves.
   *
   * @param clusterId unsigned
   * @param online its settings that may be changed; empty: none
   */
  public record Serving(
      long clusterId,
      long storeId,
      String address,
      List<RegionView> regions,
      Optional<OnlineConfig> online) {
    public Serving {
      regions = List.copyOf(regions);
    }

    public Serving(long clusterId, long storeId, String address, List<RegionView> regions) {
      this(clusterId, storeId, address, regions, Optional.empty());
    }
  }

  private final StoreConfig config;
  private final String version;
  private final Supplier<Optional<Serving>> store;
  private final Supplier<String> exposition;
  private final StoreGauges gauges;
  private final Executor pool;
  private final HttpRoutes routes;

  /**
   * @param version what this store says of its version
   * @param store asked at each request; empty while the store does not serve
   * @param meters where what the store holds is registered
   * @param exposition all metrics of the process in Prometheus' text format
   * @param pool makes the answers; refuses when it is full
   */
  public StoreStatusHttp(
      StoreConfig config,
      String version,
      Supplier<Optional<Serving>> store,
      MeterRegistry meters,
      Supplier<String> exposition,
      Executor pool) {
    this.config = config;
    this.version = version;
    this.store = store;
    this.exposition = exposition;
    this.gauges = new StoreGauges(meters);
    this.pool = pool;
    this.routes =
        HttpRoutes.builder()
            .get("/metrics", (request, parts) -> onPool(this::metrics))
            .get("/config", (request, parts) -> onPool(this::config))
            .post("/config", (request, parts) -> onPool(() -> change(request.body())))
            .get("/status", (request, parts) -> onPool(() -> serving(this::status)))
            .get("/regions", (request, parts) -> onPool(() -> serving(StoreStatusHttp::regions)))
            .build();
  }

  @Override
  public CompletionStage<HttpAnswer> handle(HttpRequest request) {
    return routes.handle(request);
  }

  private CompletionStage<HttpAnswer> onPool(Supplier<HttpAnswer> work) {
    CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
    try {
      pool.execute(
          () -> {
            try {
              answer.complete(work.get());
            } catch (RuntimeException failure) {
              answer.completeExceptionally(failure);
            }
          });
    } catch (RejectedExecutionException full) {
      answer.complete(HttpAnswer.error(503, "too many questions at once; ask again"));
    }
    return answer;
  }

  private HttpAnswer serving(Function<Serving, ObjectNode> form) {
    return store
        .get()
        .map(serving -> HttpAnswer.json(form.apply(serving).toString()))
        .orElseGet(() -> HttpAnswer.error(503, "the store does not serve yet, or has stopped"));
  }

  private HttpAnswer metrics() {
    store.get().ifPresent(serving -> gauges.refresh(serving.regions()));
    return HttpAnswer.metrics(exposition.get());
  }

  /** Settings under TiKV's names: clients look at {@code storage} before they write raw data. */
  private HttpAnswer config() {
    ObjectNode root = object();
    root.putObject("storage").put("api-version", 1).put("enable-ttl", true);
    root.putObject("server")
        .put("addr", config.listen().host() + ":" + config.listen().port())
        .put("status-addr", config.listen().statusAddress());
    root.putObject("coprocessor").put("region-split-size", config.regions().splitBytes() + "B");
    root.putObject("raftstore")
        .put("pd-heartbeat-tick-interval", config.regionHeartbeat().toMillis() + "ms")
        .put("pd-store-heartbeat-tick-interval", config.storeHeartbeat().toMillis() + "ms")
        .put("raft-entry-max-size", config.raft().entryBytesMax() + "B")
        .put("capacity", config.capacityBytes() + "B");
    store.get().flatMap(Serving::online).ifPresent(online -> show(online, root));
    return HttpAnswer.json(root.toString());
  }

  /** Each part of a name is an object in the next. */
  private static void show(OnlineConfig online, ObjectNode root) {
    online
        .values()
        .forEach(
            (name, value) -> {
              String[] parts = name.split("\\.");
              ObjectNode place = root;
              for (int i = 0; i < parts.length - 1; i++) {
                place = place.withObjectProperty(parts[i]);
              }
              place.put(parts[parts.length - 1], value);
            });
  }

  /** Takes {@code {"name": value, ...}}, as TiKV does. */
  private HttpAnswer change(String body) {
    Optional<OnlineConfig> online = store.get().flatMap(Serving::online);
    if (online.isEmpty()) {
      return HttpAnswer.error(503, "the store does not serve yet, or has stopped");
    }
    try {
      JsonNode wanted = JSON.readTree(body);
      if (!wanted.isObject() || wanted.isEmpty()) {
        return HttpAnswer.error(
            400, "send an object such as {\"storage.flow-control.l0-files-threshold\": 20}");
      }
      Map<String, String> changes = new LinkedHashMap<>();
      wanted.properties().forEach(each -> changes.put(each.getKey(), each.getValue().asText()));
      online.get().change(changes);
    } catch (JsonProcessingException malformed) {
      return HttpAnswer.error(400, "not JSON: " + malformed.getOriginalMessage());
    } catch (IllegalArgumentException | ArithmeticException refused) {
      return HttpAnswer.error(400, String.valueOf(refused.getMessage()));
    }
    return config();
  }

  private ObjectNode status(Serving serving) {
    long leaders = serving.regions().stream().filter(RegionView::isLeader).count();
    return object()
        .put("version", version)
        // A number of 64 bits, unsigned, is more than most readers of JSON take.
        .put("cluster_id", Long.toUnsignedString(serving.clusterId()))
        .put("store_id", serving.storeId())
        .put("address", serving.address())
        .put("status_address", config.listen().statusAddress())
        .put("region_count", serving.regions().size())
        .put("leader_count", leaders);
  }

  private static ObjectNode regions(Serving serving) {
    ObjectNode root = object().put("count", serving.regions().size());
    ArrayNode list = root.putArray("regions");
    serving.regions().stream().limit(REGIONS_MAX).forEach(view -> list.add(region(view)));
    return root;
  }

  private static ObjectNode region(RegionView view) {
    ObjectNode node =
        object()
            .put("id", view.region().getId())
            .put("start_key", hex(view.region().getStartKey()))
            .put("end_key", hex(view.region().getEndKey()))
            .put("peer_id", view.peer().getId())
            .put("leader_peer_id", view.leader().map(Peer::getId).orElse(0L))
            .put("leads", view.isLeader())
            .put("term", view.term())
            .put("applied_index", view.appliedIndex())
            .put("approximate_bytes", view.approximateBytes())
            .put("approximate_keys", view.approximateKeys());
    node.putObject("epoch")
        .put("conf_ver", view.region().getRegionEpoch().getConfVer())
        .put("version", view.region().getRegionEpoch().getVersion());
    return node;
  }

  private static String hex(ByteString key) {
    return HexFormat.of().withUpperCase().formatHex(key.toByteArray());
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
