package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.pd.client.StoreInfo;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.check.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * Operators who let replicas and leaderships move all the time, and have stores emptied, which then
 * leave and join anew, or are kept after all. Regions have three voters at least at all times, as
 * careful operators see to. Many orders are refused: that is no failure.
 */
public final class StormWorkload implements Workload {
  private static final int REGIONS_MAX = 1_000;
  private static final int VOTERS = 3;

  private final OperatorDesk desk;

  public StormWorkload(OperatorDesk desk) {
    this.desk = desk;
  }

  @Override
  public String name() {
    return "storm";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
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
                          if (!regions.isEmpty() && !stores.isEmpty()) {
                            order(stores, regions.get(random.nextInt(regions.size())), random);
                          }
                        }));
  }

  /** Nobody waits: the machine of the desk may be down before the answer comes. */
  private void order(List<StoreInfo> stores, RegionInfo region, RandomGenerator random) {
    int dice = random.nextInt(100);
    if (dice < 35) {
      any(region.peers(), random)
          .ifPresent(peer -> operator("transfer-leader", region, ",\"to_store_id\":", peer));
    } else if (dice < 60) {
      movePeer(stores, region, random);
    } else if (dice < 75) {
      moveRegion(stores, region, random);
    } else if (dice < 85) {
      String name = random.nextBoolean() ? "add-peer" : "add-learner";
      any(without(stores, region), random)
          .ifPresent(store -> operator(name, region, ",\"store_id\":" + store.id()));
    } else if (dice < 88) {
      any(region.peers(), random)
          .ifPresent(peer -> operator("promote-learner", region, ",\"store_id\":", peer));
    } else if (dice < 91) {
      operator("scatter-region", region, "");
    } else if (dice < 93) {
      desk.ask(new OperatorDesk.Request("DELETE", "/operators/" + region.id(), ""));
    } else {
      long store = stores.get(random.nextInt(stores.size())).id();
      String state = random.nextInt(100) < 70 ? "Offline" : "Up";
      desk.ask(state(store, state));
    }
  }

  private void movePeer(List<StoreInfo> stores, RegionInfo region, RandomGenerator random) {
    any(region.peers(), random)
        .ifPresent(
            from ->
                any(without(stores, region), random)
                    .ifPresent(
                        to ->
                            operator(
                                "transfer-peer",
                                region,
                                ",\"from_store_id\":%d,\"to_store_id\":%d"
                                    .formatted(from.getStoreId(), to.id()))));
  }

  /** To any stores; one of them is to lead, and one more than needed may learn. */
  private void moveRegion(List<StoreInfo> stores, RegionInfo region, RandomGenerator random) {
    if (stores.size() < VOTERS) {
      return;
    }
    List<StoreInfo> left = new ArrayList<>(stores);
    StringJoiner ids = new StringJoiner(",");
    StringJoiner roles = new StringJoiner(",");
    int leader = random.nextInt(VOTERS);
    int count = VOTERS + (left.size() > VOTERS && random.nextInt(3) == 0 ? 1 : 0);
    for (int i = 0; i < count; i++) {
      ids.add(String.valueOf(left.remove(random.nextInt(left.size())).id()));
      roles.add(i == leader ? "\"leader\"" : i < VOTERS ? "\"voter\"" : "\"learner\"");
    }
    operator(
        "transfer-region",
        region,
        ",\"to_store_ids\":[" + ids + "],\"peer_roles\":[" + roles + "]");
  }

  private void operator(String name, RegionInfo region, String store, Peer peer) {
    operator(name, region, store + peer.getStoreId());
  }

  private void operator(String name, RegionInfo region, String rest) {
    desk.ask(
        new OperatorDesk.Request(
            "POST",
            "/operators",
            "{\"name\":\"%s\",\"region_id\":%d%s}".formatted(name, region.id(), rest)));
  }

  private static OperatorDesk.Request state(long store, String state) {
    return new OperatorDesk.Request("POST", "/store/" + store + "/state?state=" + state, "");
  }

  private static List<StoreInfo> without(List<StoreInfo> stores, RegionInfo region) {
    return stores.stream()
        .filter(store -> region.peers().stream().noneMatch(peer -> peer.getStoreId() == store.id()))
        .toList();
  }

  private static <T> Optional<T> any(List<T> list, RandomGenerator random) {
    return list.isEmpty() ? Optional.empty() : Optional.of(list.get(random.nextInt(list.size())));
  }

  /** Keeps all stores that are left. */
  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    return client
        .placement()
        .stores()
        .thenCompose(
            stores -> desk.askAll(stores.stream().map(store -> state(store.id(), "Up")).toList()));
  }

  /** What moves and leaves shows in what the other workloads see. */
  @Override
  public List<Violation> check() {
    return desk.violations();
  }
}
