package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arrowraft.pd.flow.Aspect;
import io.arrowraft.pd.flow.FlowBook;
import io.arrowraft.pd.flow.HotRegion;
import io.arrowraft.pd.flow.Rates;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.pd.store.StoreStatus;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.rpc.http.HttpRoutes;
import java.util.List;
import java.util.Optional;

/** Where the traffic is. */
final class HotRoutes {
  private final LeaderState leader;
  private final HttpTasks tasks;

  HotRoutes(LeaderState leader, HttpTasks tasks) {
    this.leader = leader;
    this.tasks = tasks;
  }

  void add(HttpRoutes.Builder routes) {
    routes
        .get(
            Paths.API + "/hotspot/regions/read",
            (request, parts) -> tasks.leading(() -> regions(false), all -> all))
        .get(
            Paths.API + "/hotspot/regions/write",
            (request, parts) -> tasks.leading(() -> regions(true), all -> all))
        .get(
            Paths.API + "/hotspot/stores",
            (request, parts) -> tasks.leading(this::stores, all -> all));
  }

  /** Regions that bear much, by the stores of those that lead, and of all peers. */
  private JsonNode regions(boolean writes) {
    ObjectNode root = Json.object();
    ObjectNode asLeader = root.putObject("as_leader");
    ObjectNode asPeer = root.putObject("as_peer");
    for (HotRegion hot : leader.scheduling().flow().hot(writes)) {
      Optional<RegionInfo> region = leader.regions().find(hot.regionId());
      if (region.isPresent()) {
        if (hot.storeId() != 0 && hot.storeId() == region.get().leaderStore()) {
          add(asLeader, hot.storeId(), hot);
        }
        if (!writes) {
          add(asPeer, hot.storeId(), hot);
        }
        for (Peer peer : writes ? region.get().peers() : List.<Peer>of()) {
          add(asPeer, peer.getStoreId(), hot);
        }
      }
    }
    return root;
  }

  private static void add(ObjectNode stores, long store, HotRegion hot) {
    ObjectNode node = stores.withObject("/" + Long.toUnsignedString(store));
    Rates rates = hot.rates();
    node.put("total_flow_bytes", node.path("total_flow_bytes").asDouble() + rates.bytes())
        .put("total_flow_keys", node.path("total_flow_keys").asDouble() + rates.keys())
        .put("total_flow_query", node.path("total_flow_query").asDouble() + rates.queries())
        .put("regions_count", node.path("regions_count").asInt() + 1);
    ArrayNode list = node.withArray("statistics");
    list.addObject()
        .put("region_id", hot.regionId())
        .put("hot_degree", hot.hits())
        .put("flow_bytes", rates.bytes())
        .put("flow_keys", rates.keys())
        .put("flow_query", rates.queries());
  }

  private JsonNode stores() {
    FlowBook flow = leader.scheduling().flow();
    ObjectNode root = Json.object();
    for (StoreStatus store : leader.stores().all()) {
      if (store.isPresent()) {
        String id = Long.toUnsignedString(store.id());
        put(root, "write", id, flow.load(Aspect.WRITE, store.id()));
        put(root, "write_leader", id, flow.load(Aspect.WRITE_LEADER, store.id()));
        put(root, "read", id, flow.load(Aspect.READ, store.id()));
      }
    }
    return root;
  }

  private static void put(ObjectNode root, String what, String store, Rates rates) {
    root.withObject("/bytes-" + what + "-rate").put(store, rates.bytes());
    root.withObject("/keys-" + what + "-rate").put(store, rates.keys());
    root.withObject("/query-" + what + "-rate").put(store, rates.queries());
  }
}
