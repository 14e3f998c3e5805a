package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.pd.client.StoreInfo;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.check.Violation;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * Operators who look at everything, and change what may be changed while a cluster runs: settings,
 * schedulers, rules, labels, weights and limits of stores, and who leads the placement driver. At
 * the end all is set back, so that the cluster can come to rest.
 */
public final class DeskWorkload implements Workload {
  private static final int REGIONS_MAX = 1_000;

  /** {@code S}, {@code R} and {@code K} stand for a store, a region and a key. */
  private static final List<String> QUESTIONS =
      List.of(
          "/stores",
          "/store/S",
          "/stores/limit",
          "/regions",
          "/regions/count",
          "/regions/key?key=K&format=hex&limit=3",
          "/regions/store/S",
          "/regions/check/miss-peer",
          "/regions/check/down-peer",
          "/regions/check/pending-peer",
          "/regions/check/empty-region",
          "/regions/sibling/R",
          "/regions/size?limit=2",
          "/regions/writeflow",
          "/regions/confver",
          "/region/id/R",
          "/region/key/K?format=hex",
          "/operators",
          "/operators?kind=admin,replica",
          "/operators/R",
          "/operators/records",
          "/schedulers",
          "/scheduler-config",
          "/checker/merge",
          "/config",
          "/config/schedule",
          "/config/replicate",
          "/config/rules",
          "/config/rules/region/R",
          "/config/rules/key/K",
          "/config/rule_groups",
          "/config/rule_group/pd",
          "/hotspot/regions/read",
          "/hotspot/regions/write",
          "/hotspot/stores",
          "/gc/safepoint",
          "/cluster",
          "/cluster/status",
          "/members",
          "/health",
          "/leader",
          "/version");

  private static final List<OperatorDesk.Request> CHANGES =
      List.of(
          config("\"leader-schedule-limit\":2,\"region-schedule-limit\":4"),
          config("\"enable-joint-consensus\":false"),
          config("\"enable-joint-consensus\":true"),
          config("\"merge-schedule-limit\":4,\"split-merge-interval\":\"1s\""),
          config("\"max-merge-region-size\":1,\"max-merge-region-keys\":40"),
          config("\"tolerant-size-ratio\":0.5,\"max-snapshot-count\":2"),
          config("\"location-labels\":\"zone\",\"isolation-level\":\"zone\""),
          config("\"location-labels\":\"zone\""),
          config("\"halt-scheduling\":true"),
          config("\"halt-scheduling\":false"),
          config("\"store-limit\":600,\"replica-schedule-limit\":8"),
          config("\"patrol-region-interval\":\"50ms\",\"patrol-region-batch\":2"),
          config("\"no-such-setting\":1"),
          post("/schedulers", "{\"name\":\"evict-leader-scheduler\",\"store_id\":S}"),
          post("/schedulers", "{\"name\":\"grant-leader-scheduler\",\"store_id\":S}"),
          post("/schedulers", "{\"name\":\"shuffle-leader-scheduler\"}"),
          post("/schedulers", "{\"name\":\"shuffle-region-scheduler\"}"),
          post("/schedulers", "{\"name\":\"shuffle-hot-region-scheduler\"}"),
          post("/schedulers/balance-region-scheduler", "{\"delay\":2}"),
          post("/checker/merge", "{\"delay\":2}"),
          delete("/schedulers/evict-leader-scheduler"),
          delete("/schedulers/grant-leader-scheduler"),
          delete("/schedulers/shuffle-leader-scheduler"),
          delete("/schedulers/shuffle-region-scheduler"),
          delete("/schedulers/balance-leader-scheduler"),
          post("/schedulers", "{\"name\":\"balance-leader-scheduler\"}"),
          post("/store/S/weight", "{\"leader\":0.5,\"region\":2}"),
          post("/store/S/label", "{\"disk\":\"fast\"}"),
          delete("/store/S/label?key=disk"),
          post("/store/S/limit", "{\"type\":\"add-peer\",\"rate\":120}"),
          post("/stores/limit", "{\"rate\":600}"),
          delete("/stores/remove-tombstone"),
          post(
              "/config/rule",
              "{\"group_id\":\"pd\",\"id\":\"reader\",\"role\":\"learner\",\"count\":1}"),
          delete("/config/rule/pd/reader"),
          post("/config/rule_group", "{\"id\":\"g\",\"index\":2,\"override\":false}"),
          post("/operators", "{\"name\":\"scatter-regions\",\"region_ids\":[R],\"retry_limit\":1}"),
          post("/operators", "{\"name\":\"split-region\",\"region_id\":R,\"policy\":\"scan\"}"),
          post(
              "/operators",
              "{\"name\":\"merge-region\",\"source_region_id\":R,\"target_region_id\":N}"),
          post("/leader/resign", ""),
          post("/members/name/pd-1", "{\"leader-priority\":3}"),
          post("/leader/transfer/pd-2", ""));

  private static final List<OperatorDesk.Request> OF_STORES =
      List.of(
          new OperatorDesk.Request("GET", "/status", ""),
          new OperatorDesk.Request("GET", "/regions", ""),
          new OperatorDesk.Request("GET", "/config", ""),
          new OperatorDesk.Request("GET", "/metrics", ""),
          storeConfig("\"storage.flow-control.l0-files-threshold\":18"),
          storeConfig("\"storage.flow-control.memtables-limit\":5"),
          storeConfig("\"storage.flow-control.soft-pending-compaction-bytes-limit\":\"16GB\""),
          storeConfig("\"storage.flow-control.queue-delay\":\"300ms\""),
          storeConfig("\"server.snap-io-max-bytes-per-sec\":\"64MB\""),
          storeConfig("\"server.concurrent-send-snap-limit\":3"),
          storeConfig("\"coprocessor.region-split-keys\":5000,\"log.level\":\"warn\""),
          storeConfig("\"log.level\":\"loud\""),
          storeConfig("\"no.such.setting\":1"));

  /** What keeps a cluster from coming to rest, undone. */
  private static final List<OperatorDesk.Request> CALM =
      List.of(
          config("\"halt-scheduling\":false,\"enable-joint-consensus\":true"),
          config("\"location-labels\":\"\",\"isolation-level\":\"\""),
          config("\"leader-schedule-limit\":8,\"region-schedule-limit\":2048"),
          config("\"replica-schedule-limit\":64,\"merge-schedule-limit\":0"),
          config("\"patrol-region-interval\":\"200ms\",\"patrol-region-batch\":512"),
          config("\"max-snapshot-count\":64"),
          post("/stores/limit", "{\"rate\":600}"),
          delete("/schedulers/evict-leader-scheduler"),
          delete("/schedulers/grant-leader-scheduler"),
          delete("/schedulers/shuffle-leader-scheduler"),
          delete("/schedulers/shuffle-region-scheduler"),
          delete("/schedulers/shuffle-hot-region-scheduler"),
          delete("/config/rule/pd/reader"),
          post("/members/name/pd-1", "{\"leader-priority\":0}"));

  private final OperatorDesk desk;

  public DeskWorkload(OperatorDesk desk) {
    this.desk = desk;
  }

  private static OperatorDesk.Request config(String settings) {
    return post("/config", "{" + settings + "}");
  }

  private static OperatorDesk.Request storeConfig(String settings) {
    return post("/config", "{" + settings + "}");
  }

  private static OperatorDesk.Request post(String path, String body) {
    return new OperatorDesk.Request("POST", path, body);
  }

  private static OperatorDesk.Request delete(String path) {
    return new OperatorDesk.Request("DELETE", path, "");
  }

  @Override
  public String name() {
    return "desk";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    if (random.nextInt(100) < 15) {
      desk.askStores(OF_STORES.get(random.nextInt(OF_STORES.size())));
      return CompletableFuture.completedFuture(null);
    }
    OperatorDesk.Request request =
        random.nextInt(100) < 60
            ? new OperatorDesk.Request("GET", QUESTIONS.get(random.nextInt(QUESTIONS.size())), "")
            : CHANGES.get(random.nextInt(CHANGES.size()));
    return client
        .placement()
        .stores()
        .thenCompose(
            stores ->
                client
                    .placement()
                    .scanRegions(Bytes.EMPTY, Bytes.EMPTY, REGIONS_MAX)
                    .thenAccept(
                        regions -> {
                          if (!stores.isEmpty() && !regions.isEmpty()) {
                            // Nobody waits: the desk may be down before the answer comes.
                            desk.ask(filledIn(request, stores, regions, random));
                          }
                        }));
  }

  private static OperatorDesk.Request filledIn(
      OperatorDesk.Request request,
      List<StoreInfo> stores,
      List<RegionInfo> regions,
      RandomGenerator random) {
    int at = random.nextInt(regions.size());
    RegionInfo region = regions.get(at);
    String store = String.valueOf(stores.get(random.nextInt(stores.size())).id());
    String key = region.startKey().isEmpty() ? "61" : hex(region.startKey());
    long next = regions.get(Math.min(at + 1, regions.size() - 1)).id();
    return new OperatorDesk.Request(
        request.method(),
        request
            .path()
            .replace("/S", "/" + store)
            .replace("/R", "/" + region.id())
            .replace("/K", "/" + key)
            .replace("=K", "=" + key),
        request
            .body()
            .replace(":S}", ":" + store + "}")
            .replace(":R,", ":" + region.id() + ",")
            .replace("[R]", "[" + region.id() + "]")
            .replace(":N}", ":" + next + "}"));
  }

  private static String hex(Bytes key) {
    return HexFormat.of().formatHex(key.toByteArray());
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    return desk.askAll(CALM);
  }

  @Override
  public List<Violation> check() {
    return desk.violations();
  }
}
