package io.arrowraft.server.peer;

import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.ChangePeer;
import io.arrowraft.proto.pdpb.CheckPolicy;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.pdpb.SplitRegion;
import io.arrowraft.proto.pdpb.TransferLeader;
import io.arrowraft.proto.store.ChangePeersCommand;
import io.arrowraft.proto.store.PeerChange;
import io.arrowraft.raft.ProposalResult;
import io.arrowraft.raft.core.MembershipChange;
import io.arrowraft.server.apply.CommandCodec;
import io.arrowraft.server.apply.PeerChanges;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what the placement driver orders for regions led here. An order is a wish: one that
 * is obsolete or cannot be done now is dropped, and comes again as long as it is wanted.
 */
final class PlacementOrders {
  private static final Logger LOG = LoggerFactory.getLogger(PlacementOrders.class);

  private final RegionSplits splits;

  PlacementOrders(RegionSplits splits) {
    this.splits = splits;
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
    if (order.hasChangePeer()) {
      changePeer(peer, region, order.getChangePeer());
    } else if (order.hasChangePeerV2()) {
      changePeers(peer, region, order.getChangePeerV2().getChangesList());
    } else if (order.hasTransferLeader()) {
      transferLeader(peer, order.getTransferLeader());
    } else if (order.hasSplitRegion()) {
      split(peer, order.getSplitRegion());
    } else if (order.hasMerge()) {
      LOG.info("order is not supported: region={}, kind=merge", region.getId());
    }
  }

  private void changePeers(RegionPeer peer, Region region, List<ChangePeer> changes) {
    if (changes.size() == 1) {
      changePeer(peer, region, changes.get(0));
    } else {
      LOG.info(
          "order is not supported: region={}, kind=joint change, changes={}",
          region.getId(),
          changes.size());
    }
  }

  private void changePeer(RegionPeer peer, Region region, ChangePeer order) {
    Optional<String> problem = problemWith(region, order);
    if (problem.isPresent()) {
      LOG.info("order refused: region={}, reason={}", region.getId(), problem.get());
      return;
    }
    boolean removal = order.getChangeType() == ConfChangeType.RemoveNode;
    Peer target = targetOf(region, order);
    if (removal && target.getId() == peer.peerId()) {
      // A leader that removes itself would leave its group without one for an election.
      handOver(peer, region);
      return;
    }
    ChangePeersCommand command =
        ChangePeersCommand.newBuilder()
            .setEpoch(region.getRegionEpoch())
            .addChanges(
                PeerChange.newBuilder()
                    .setKind(removal ? PeerChange.Kind.REMOVE : PeerChange.Kind.ADD)
                    .setPeer(target))
            .build();
    ProposalResult proposed =
        peer.group()
            .proposeMembership(
                MembershipChange.simple(
                    stepOf(order.getChangeType()),
                    target.getId(),
                    CommandCodec.changePeers(command)),
                Proposal.unwatched(),
                0);
    LOG.info(
        "peer change proposed: region={}, type={}, peer={}, store={}, result={}",
        region.getId(),
        order.getChangeType(),
        target.getId(),
        target.getStoreId(),
        proposed);
  }

  private static Optional<String> problemWith(Region region, ChangePeer order) {
    Optional<Peer> onStore = PeerChanges.onStore(region, order.getPeer().getStoreId());
    return switch (order.getChangeType()) {
      case RemoveNode ->
          onStore.isEmpty() ? Optional.of("no peer on that store") : Optional.empty();
      case AddNode, AddLearnerNode ->
          onStore.isPresent() && onStore.get().getId() != order.getPeer().getId()
              ? Optional.of("another peer is on that store")
              : order.getPeer().getId() == 0 ? Optional.of("the peer has no id") : Optional.empty();
      case UNRECOGNIZED -> Optional.of("unknown kind of change");
    };
  }

  private static Peer targetOf(Region region, ChangePeer order) {
    return switch (order.getChangeType()) {
      case RemoveNode ->
          PeerChanges.onStore(region, order.getPeer().getStoreId()).orElse(order.getPeer());
      case AddLearnerNode -> order.getPeer().toBuilder().setRole(PeerRole.Learner).build();
      default -> order.getPeer().toBuilder().setRole(PeerRole.Voter).build();
    };
  }

  private static MembershipChange.StepKind stepOf(ConfChangeType type) {
    return switch (type) {
      case AddNode -> MembershipChange.StepKind.ADD_VOTER;
      case AddLearnerNode -> MembershipChange.StepKind.ADD_LEARNER;
      default -> MembershipChange.StepKind.REMOVE;
    };
  }

  private static void handOver(RegionPeer peer, Region region) {
    LOG.info(
        "leadership handed over before removal: region={}, to={}",
        region.getId(),
        Handover.begin(peer));
  }

  private void transferLeader(RegionPeer peer, TransferLeader order) {
    LOG.info(
        "leader transfer: region={}, peer={}, result={}",
        peer.regionId(),
        order.getPeer().getId(),
        peer.group().transferLeader(order.getPeer().getId()));
  }

  private void split(RegionPeer peer, SplitRegion order) {
    if (order.getPolicy() == CheckPolicy.USEKEY) {
      splits.splitOwn(peer, order.getKeysList().stream().map(key -> key.toByteArray()).toList());
    } else {
      splits.checkSize(peer, true);
    }
  }
}
