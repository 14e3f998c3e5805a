package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arrowraft.pd.region.StoreShelf;
import io.arrowraft.pd.schedule.StoreView;
import io.arrowraft.pd.settings.ScheduleConfig;
import io.arrowraft.pd.store.StoreStatus;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.metapb.StoreState;
import io.arrowraft.proto.pdpb.StoreStats;
import java.time.Duration;
import java.time.Instant;

/** A store as PD shows it. */
final class StoreJson {
  private final ScheduleConfig config;
  private final long nowMillis;

  /**
   * @param config tells when a silent store is disconnected and when it is down
   */
  StoreJson(ScheduleConfig config, long nowMillis) {
    this.config = config;
    this.nowMillis = nowMillis;
  }

  ObjectNode of(StoreView store) {
    ObjectNode node = Json.object();
    node.set("store", meta(store.status()));
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
            .put("state_name", stateName(store, config))
            .put("node_state", meta.getNodeStateValue())
            .put("node_state_name", meta.getNodeState().name());
    if (meta.getPhysicallyDestroyed()) {
      node.put("physically_destroyed", true);
    }
    if (wasHeard(store)) {
      node.put("last_heartbeat", heardAt(store).toEpochMilli() * 1_000_000);
    }
    ArrayNode labels = node.putArray("labels");
    meta.getLabelsList()
        .forEach(
            label -> labels.addObject().put("key", label.getKey()).put("value", label.getValue()));
    return node;
  }

  private ObjectNode status(StoreView store) {
    StoreStats stats = store.status().stats();
    StoreShelf held = store.shelf();
    ObjectNode node =
        Json.object()
            .put("capacity", Json.amount(stats.getCapacity()))
            .put("available", Json.amount(stats.getAvailable()))
            .put("used_size", Json.amount(stats.getUsedSize()))
            .put("leader_count", held.leaders())
            .put("leader_weight", store.weight().leader())
            .put("leader_score", store.leaderScore(0))
            .put("leader_size", held.leaderMib())
            .put("region_count", held.regions())
            .put("region_weight", store.weight().region())
            .put("region_score", store.regionScore(0))
            .put("region_size", held.mib())
            .put("learner_count", held.count(StoreShelf.Kind.LEARNER))
            .put("pending_peer_count", held.pending())
            .put("slow_score", stats.getSlowScore())
            .put("is_busy", store.isBusy())
            .put("low_space", store.isLowOnSpace());
    addTimes(node, store.status());
    return node;
  }

  private void addTimes(ObjectNode node, StoreStatus store) {
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
  }

  /** Up, Disconnected, Down, Offline or Tombstone. */
  static String stateName(StoreStatus store, ScheduleConfig config) {
    if (store.meta().getState() != StoreState.Up) {
      return store.meta().getState().name();
    }
    if (!store.heardWithin(config.downAfter())) {
      return "Down";
    }
    return store.heardWithin(config.disconnectedAfter()) ? "Up" : "Disconnected";
  }

  private static boolean wasHeard(StoreStatus store) {
    return store.stats().getStoreId() != 0;
  }

  private Instant heardAt(StoreStatus store) {
    return Instant.ofEpochMilli(nowMillis).minus(store.silence());
  }
}
