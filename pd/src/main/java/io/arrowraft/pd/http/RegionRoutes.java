package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.protobuf.ByteString;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.pd.settings.Option;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.rpc.http.HttpRoutes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** The regions: by id, by key, of a store, the largest, and those with something wrong. */
final class RegionRoutes {
  private static final int REGIONS_DEFAULT = 10_000;
  private static final int REGIONS_MAX = 100_000;
  private static final int TOP_DEFAULT = 16;

  /**
   * What a check compares regions with.
   *
   * @param offline stores that are being emptied
   */
  private record Norm(int replicas, Set<Long> offline) {}

  private static final Map<String, BiPredicate<RegionInfo, Norm>> CHECKS = checks();
  private static final Map<String, ToDoubleFunction<RegionInfo>> ORDERS = orders();

  private final LeaderState leader;
  private final HttpTasks tasks;

  RegionRoutes(LeaderState leader, HttpTasks tasks) {
    this.leader = leader;
    this.tasks = tasks;
  }

  private static Map<String, BiPredicate<RegionInfo, Norm>> checks() {
    TreeMap<String, BiPredicate<RegionInfo, Norm>> checks = new TreeMap<>();
    checks.put("miss-peer", (region, norm) -> region.peers().size() < norm.replicas());
    checks.put("extra-peer", (region, norm) -> region.peers().size() > norm.replicas());
    checks.put("down-peer", (region, norm) -> !region.down().isEmpty());
    checks.put("pending-peer", (region, norm) -> !region.pending().isEmpty());
    checks.put(
        "learner-peer",
        (region, norm) -> region.peers().stream().anyMatch(p -> p.getRole() == PeerRole.Learner));
    checks.put(
        "offline-peer",
        (region, norm) ->
            region.peers().stream().anyMatch(p -> norm.offline().contains(p.getStoreId())));
    checks.put(
        "empty-region",
        (region, norm) -> region.approximateKeys() == 0 && region.approximateBytes() >> 20 == 0);
    checks.put("no-leader", (region, norm) -> region.leader().isEmpty());
    checks.put("joint-state", (region, norm) -> region.inJointState());
    return checks;
  }

  private static Map<String, ToDoubleFunction<RegionInfo>> orders() {
    TreeMap<String, ToDoubleFunction<RegionInfo>> orders = new TreeMap<>();
    orders.put("size", RegionInfo::approximateBytes);
    orders.put("keys", RegionInfo::approximateKeys);
    orders.put("confver", region -> region.epoch().getConfVer());
    orders.put("version", region -> region.epoch().getVersion());
    orders.put("writeflow", region -> region.traffic().bytesWritten());
    orders.put("readflow", region -> region.traffic().bytesRead());
    orders.put("writequery", region -> region.traffic().writes());
    orders.put("readquery", region -> region.traffic().reads());
    return orders;
  }

  void add(HttpRoutes.Builder routes) {
    String regions = Paths.API + "/regions";
    routes
        .get(regions, (request, parts) -> scan(request, "", region -> true))
        .get(
            regions + "/key",
            (request, parts) ->
                scan(
                    request,
                    RequestKeys.ofQuery(request, "key"),
                    RequestKeys.ofQuery(request, "end_key"),
                    region -> true))
        .get(
            regions + "/count",
            (request, parts) ->
                tasks.leading(
                    () -> leader.regions().size(), count -> Json.object().put("count", count)))
        .get(
            regions + "/store/{id}",
            (request, parts) -> {
              long id = Paths.number("store id", parts.get(0));
              return scan(request, "", region -> region.peerOn(id).isPresent());
            })
        .get(regions + "/check/{what}", (request, parts) -> check(request, parts.get(0)))
        .get(
            regions + "/sibling/{id}",
            (request, parts) -> siblings(Paths.number("region id", parts.get(0))))
        .get(
            Paths.API + "/region/id/{id}",
            (request, parts) -> {
              long id = Paths.number("region id", parts.get(0));
              return tasks.leading(() -> leader.regions().find(id), RegionRoutes::regionOrNull);
            })
        .get(
            Paths.API + "/region/key/{key}",
            (request, parts) -> {
              ByteString key = RequestKeys.ofPath(request, parts.get(0));
              return tasks.leading(() -> leader.regions().find(key), RegionRoutes::regionOrNull);
            });
    ORDERS.forEach(
        (name, order) -> routes.get(regions + "/" + name, (request, parts) -> top(request, order)));
  }

  private CompletionStage<HttpAnswer> scan(
      HttpRequest request, String nothing, Predicate<RegionInfo> wanted) {
    return scan(
        request, ByteString.copyFromUtf8(nothing), ByteString.copyFromUtf8(nothing), wanted);
  }

  private CompletionStage<HttpAnswer> scan(
      HttpRequest request, ByteString start, ByteString end, Predicate<RegionInfo> wanted) {
    long most = limit(request, REGIONS_DEFAULT);
    return tasks.leading(
        () -> leader.regions().scan(start, end, Integer.MAX_VALUE),
        regions -> {
          List<RegionInfo> fitting = regions.stream().filter(wanted).toList();
          return RegionJson.list(fitting.size(), fitting.stream().limit(most).toList());
        });
  }

  private CompletionStage<HttpAnswer> check(HttpRequest request, String what) {
    BiPredicate<RegionInfo, Norm> check = CHECKS.get(what);
    if (check == null) {
      throw new IllegalArgumentException(
          "there is no check '" + what + "'; there are " + CHECKS.keySet());
    }
    long most = limit(request, REGIONS_DEFAULT);
    record Look(List<RegionInfo> regions, Norm norm) {}
    return tasks.leading(
        () -> new Look(new ArrayList<>(leader.regions().all()), norm()),
        look -> {
          List<RegionInfo> fitting =
              look.regions().stream().filter(region -> check.test(region, look.norm())).toList();
          return RegionJson.list(fitting.size(), fitting.stream().limit(most).toList());
        });
  }

  private Norm norm() {
    Set<Long> offline = new TreeSet<>();
    leader.stores().all().stream()
        .filter(store -> !store.isUp())
        .forEach(store -> offline.add(store.id()));
    return new Norm(leader.scheduling().settings().config().count(Option.MAX_REPLICAS), offline);
  }

  private CompletionStage<HttpAnswer> top(HttpRequest request, ToDoubleFunction<RegionInfo> order) {
    long most = limit(request, TOP_DEFAULT);
    return tasks.leading(
        () -> new ArrayList<>(leader.regions().all()),
        regions -> {
          List<RegionInfo> first =
              regions.stream()
                  .sorted(
                      Comparator.comparingDouble(order).reversed().thenComparing(RegionInfo::id))
                  .limit(most)
                  .toList();
          return RegionJson.list(first.size(), first);
        });
  }

  private CompletionStage<HttpAnswer> siblings(long id) {
    return tasks.found(
        () ->
            leader
                .regions()
                .find(id)
                .map(
                    region -> {
                      List<RegionInfo> both = new ArrayList<>();
                      leader.regions().before(region).ifPresent(both::add);
                      leader.regions().after(region).ifPresent(both::add);
                      return both;
                    }),
        both -> RegionJson.list(both.size(), both),
        "there is no region " + Long.toUnsignedString(id));
  }

  private static long limit(HttpRequest request, int otherwise) {
    long limit = request.parameter("limit").map(l -> Paths.number("limit", l)).orElse(0L);
    return limit <= 0 ? otherwise : Math.min(limit, REGIONS_MAX);
  }

  private static JsonNode regionOrNull(Optional<RegionInfo> region) {
    return region.<JsonNode>map(RegionJson::of).orElseGet(JsonNodeFactory.instance::nullNode);
  }
}
