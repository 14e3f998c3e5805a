package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arrowraft.pd.schedule.ScheduleLimits;
import io.arrowraft.pd.store.StoreStatus;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.metapb.StoreState;
import io.arrowraft.proto.pdpb.StoreStats;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A store as PD shows it. */
final class StoreJson {
  private final ScheduleLimits limits;
  private final RegionCounts counts;
  private final long nowMillis;

  /**
   * @param limits tell when a silent store is disconnected and when it is down
   * @param counts what the stores hold
   */
  StoreJson(ScheduleLimits limits, RegionCounts counts, long nowMillis) {
    this.limits = limits;
    this.counts = counts;
    this.nowMillis = nowMillis;
  }

  ObjectNode list(List<StoreStatus> stores) {
    ObjectNode root = Json.object().put("count", stores.size());
    ArrayNode list = root.putArray("stores");
    stores.forEach(store -> list.add(of(store)));
    return root;
  }

  ObjectNode of(StoreStatus store) {
    ObjectNode node = Json.object();
    node.set("store", meta(store));
    node.set("status", status(store));
    return node;
  }

  private ObjectNode meta(StoreStatus store) {
    Store meta = store.meta();
    ObjectNode node =
        Json.object()
            .put("id", meta.getId())
            .put("address", meta.getAddress())
            .put("version", meta.getVersion())
            .put("status_address", meta.getStatusAddress())
            .put("start_timestamp", meta.getStartTimestamp())
            .put("state", meta.getStateValue())
            .put("state_name", stateName(store, limits))
            .put("node_state", meta.getNodeStateValue())
            .put("node_state_name", meta.getNodeState().name());
    if (wasHeard(store)) {
      node.put("last_heartbeat", heardAt(store).toEpochMilli() * 1_000_000);
    }
    ArrayNode labels = node.putArray("labels");
    meta.getLabelsList()
        .forEach(
            label -> labels.addObject().put("key", label.getKey()).put("value", label.getValue()));
    return node;
  }

  private ObjectNode status(StoreStatus store) {
    StoreStats stats = store.stats();
    RegionCounts.OfStore held = counts.of(store.id());
    ObjectNode node =
        Json.object()
            .put("capacity", Json.amount(stats.getCapacity()))
            .put("available", Json.amount(stats.getAvailable()))
            .put("used_size", Json.amount(stats.getUsedSize()))
            .put("leader_count", held.leaders())
            .put("leader_weight", 1)
            .put("leader_score", held.leaders())
            .put("leader_size", Json.mebibytes(held.leaderBytes()))
            .put("region_count", held.regions())
            .put("region_weight", 1)
            .put("region_score", Json.mebibytes(held.bytes()))
            .put("region_size", Json.mebibytes(held.bytes()));
    long startSeconds = store.meta().getStartTimestamp();
    if (startSeconds > 0) {
      node.put("start_ts", Instant.ofEpochSecond(startSeconds).toString());
    }
    if (wasHeard(store)) {
      node.put("last_heartbeat_ts", heardAt(store).toString());
      if (startSeconds > 0) {
        Duration uptime = Duration.between(Instant.ofEpochSecond(startSeconds), heardAt(store));
        node.put("uptime", Json.span(uptime.isNegative() ? Duration.ZERO : uptime));
      }
    }
    return node;
  }

  /** Up, Disconnected, Down, Offline or Tombstone. */
  static String stateName(StoreStatus store, ScheduleLimits limits) {
    if (store.meta().getState() != StoreState.Up) {
      return store.meta().getState().name();
    }
    if (!store.heardWithin(limits.storeDownAfter())) {
      return "Down";
    }
    return store.heardWithin(limits.storeDisconnectedAfter()) ? "Up" : "Disconnected";
  }

  private static boolean wasHeard(StoreStatus store) {
    return store.stats().getStoreId() != 0;
  }

  private Instant heardAt(StoreStatus store) {
    return Instant.ofEpochMilli(nowMillis).minus(store.silence());
  }
}
