package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.CheckPolicy;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.pdpb.SplitRegion;
import io.arrowraft.proto.pdpb.TransferLeader;
import io.arrowraft.raft.core.TransferResult;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what the placement driver orders for regions led here. An order is a wish: one that
 * is obsolete or cannot be done now is dropped, and comes again as long as it is wanted.
 */
final class PlacementOrders {
  private static final Logger LOG = LoggerFactory.getLogger(PlacementOrders.class);

  private final RegionSplits splits;
  private final RegionMerges merges;

  PlacementOrders(RegionSplits splits, RegionMerges merges) {
    this.splits = splits;
    this.merges = merges;
  }

  /** On the region's loop. */
  void carryOut(RegionPeer peer, RegionHeartbeatResponse order) {
    if (!peer.isServing() || !peer.isLeader()) {
      return;
    }
    Region region = peer.region();
    if (order.hasRegionEpoch() && !order.getRegionEpoch().equals(region.getRegionEpoch())) {
      LOG.debug("order is obsolete: region={}", region.getId());
      return;
    }
    if (peer.fences().isMerging() && !order.hasTransferLeader()) {
      LOG.atInfo()
          .addKeyValue("region", region.getId())
          .addKeyValue("reason", "the region is merging")
          .log("order refused");
    } else if (order.hasChangePeer()) {
      PeerOrders.carryOut(peer, List.of(order.getChangePeer()));
    } else if (order.hasChangePeerV2()) {
      PeerOrders.carryOut(peer, order.getChangePeerV2().getChangesList());
    } else if (order.hasTransferLeader()) {
      transferLeader(peer, order.getTransferLeader());
    } else if (order.hasSplitRegion()) {
      split(peer, order.getSplitRegion());
    } else if (order.hasMerge()) {
      merges.begin(peer, order.getMerge().getTarget());
    }
  }

  private void transferLeader(RegionPeer peer, TransferLeader order) {
    TransferResult begun = peer.group().transferLeader(order.getPeer().getId());
    LOG.atInfo()
        .addKeyValue("region", peer.regionId())
        .addKeyValue("peer", order.getPeer().getId())
        .addKeyValue("result", begun)
        .log("leader transfer");
  }

  private void split(RegionPeer peer, SplitRegion order) {
    if (order.getPolicy() == CheckPolicy.USEKEY) {
      splits.splitOwn(peer, order.getKeysList().stream().map(key -> key.toByteArray()).toList());
    } else {
      splits.checkSize(peer, true);
    }
  }
}
