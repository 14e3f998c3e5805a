package io.arrowraft.pd.operator;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import java.util.List;
import java.util.Optional;

/**
 * What comes first when a peer that is to lose its vote leads. An operator hands leadership over in
 * a step of its own, but an election afterwards asks nobody.
 */
final class StepDown {
  private StepDown() {}

  static boolean isNeeded(RegionInfo region, List<Peer> leaving) {
    return leaving.stream().anyMatch(region::isLeader);
  }

  /** An order to hand leadership to a voter that stays; empty while there is none that is well. */
  static Optional<RegionHeartbeatResponse.Builder> order(RegionInfo region, List<Peer> leaving) {
    return region.peers().stream()
        .filter(peer -> peer.getRole() == PeerRole.Voter && region.healthy(peer))
        .filter(peer -> leaving.stream().noneMatch(each -> each.getId() == peer.getId()))
        .findFirst()
        .map(
            successor -> {
              RegionHeartbeatResponse.Builder order = RegionHeartbeatResponse.newBuilder();
              order.getTransferLeaderBuilder().setPeer(successor).addPeers(successor);
              return order;
            });
  }
}
