package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.RegionTraffic;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.pdpb.PeerStats;
import java.util.List;

/** A region as PD shows it. */
final class RegionJson {
  private RegionJson() {}

  /**
   * Several regions.
   *
   * @param count how many there are in all
   */
  static ObjectNode list(long count, List<RegionInfo> regions) {
    ObjectNode root = Json.object().put("count", count);
    ArrayNode list = root.putArray("regions");
    regions.forEach(region -> list.add(of(region)));
    return root;
  }

  static ObjectNode of(RegionInfo region) {
    ObjectNode node =
        Json.object()
            .put("id", region.id())
            .put("start_key", Json.key(region.startKey()))
            .put("end_key", Json.key(region.endKey()));
    node.putObject("epoch")
        .put("conf_ver", region.epoch().getConfVer())
        .put("version", region.epoch().getVersion());
    ArrayNode peers = node.putArray("peers");
    region.peers().forEach(each -> peers.add(peer(each)));
    node.set("leader", region.leader().map(RegionJson::peer).orElseGet(Json::object));
    ArrayNode down = node.putArray("down_peers");
    for (PeerStats stats : region.down()) {
      ObjectNode entry = down.addObject();
      entry.set("peer", peer(stats.getPeer()));
      entry.put("down_seconds", stats.getDownSeconds());
    }
    ArrayNode pending = node.putArray("pending_peers");
    region.pending().forEach(each -> pending.add(peer(each)));
    RegionTraffic traffic = region.traffic();
    return node.put("written_bytes", traffic.bytesWritten())
        .put("read_bytes", traffic.bytesRead())
        .put("written_keys", traffic.keysWritten())
        .put("read_keys", traffic.keysRead())
        .put("written_queries", traffic.writes())
        .put("read_queries", traffic.reads())
        .put("approximate_size", Json.mebibytes(region.approximateBytes()))
        .put("approximate_keys", region.approximateKeys());
  }

  private static ObjectNode peer(Peer peer) {
    ObjectNode node =
        Json.object()
            .put("id", peer.getId())
            .put("store_id", peer.getStoreId())
            .put("role", peer.getRoleValue())
            .put("role_name", peer.getRole().name());
    return peer.getRole() == PeerRole.Learner ? node.put("is_learner", true) : node;
  }
}
