package io.arrowraft.server.peer;

import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.ChangePeer;
import io.arrowraft.proto.store.ChangePeersCommand;
import io.arrowraft.proto.store.PeerChange;
import io.arrowraft.raft.ProposalResult;
import io.arrowraft.raft.core.Membership;
import io.arrowraft.raft.core.MembershipChange;
import io.arrowraft.raft.core.RaftStatus;
import io.arrowraft.server.apply.CommandCodec;
import io.arrowraft.server.apply.PeerChanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes of a region's peers that the placement driver orders: one at once, several by way of a
 * joint state that the leader leaves by itself, none to leave it now.
 */
final class PeerOrders {
  private static final Logger LOG = LoggerFactory.getLogger(PeerOrders.class);

  private PeerOrders() {}

  /** On the region's loop, by its leader. */
  static void carryOut(RegionPeer peer, List<ChangePeer> orders) {
    Region region = peer.region();
    if (orders.isEmpty()) {
      leaveJoint(peer, region);
      return;
    }
    RaftStatus status = peer.group().status();
    Optional<String> problem = problemWith(region, orders);
    MembershipChange change =
        problem.isPresent() ? MembershipChange.leaveJoint() : changeOf(region, orders);
    if (problem.isEmpty()) {
      problem = status.membership().problemWith(change);
    }
    if (problem.isPresent()) {
      refuse(region, problem.get());
      return;
    }
    Membership after = status.membership().after(change);
    if (!after.voters().contains(peer.peerId())) {
      // A leader that gives up its vote would leave its group without one for an election.
      long successor = Handover.begin(peer, after.voters()::contains);
      LOG.atInfo()
          .addKeyValue("region", region.getId())
          .addKeyValue("to", successor)
          .log("leadership handed over before the own vote");
    } else if (!status.membership().voters().equals(alone(peer))
        && !isReady(status, after.voters())) {
      refuse(region, "the change would leave too few voters that have the log");
    } else {
      propose(peer, region, change, orders);
    }
  }

  private static SortedSet<Long> alone(RegionPeer peer) {
    return new TreeSet<>(List.of(peer.peerId()));
  }

  /** Whether a majority can go on without a snapshot (correctness rule 10). */
  private static boolean isReady(RaftStatus status, SortedSet<Long> voters) {
    int ready = 0;
    for (RaftStatus.PeerStatus peer : status.peers()) {
      if (voters.contains(peer.peer()) && peer.match() + 1 >= status.firstIndex()) {
        ready++;
      }
    }
    return ready > voters.size() / 2;
  }

  private static void refuse(Region region, String problem) {
    LOG.atInfo()
        .addKeyValue("region", region.getId())
        .addKeyValue("reason", problem)
        .log("order refused");
  }

  private static void leaveJoint(RegionPeer peer, Region region) {
    if (!PeerChanges.isJoint(region)) {
      LOG.debug("order is obsolete: region={}, not joint", region.getId());
      return;
    }
    ProposalResult proposed =
        peer.group().proposeMembership(MembershipChange.leaveJoint(), Proposal.unwatched(), 0);
    LOG.atInfo()
        .addKeyValue("region", region.getId())
        .addKeyValue("result", proposed)
        .log("leaving the joint state");
  }

  private static void propose(
      RegionPeer peer, Region region, MembershipChange change, List<ChangePeer> orders) {
    ProposalResult proposed = peer.group().proposeMembership(change, Proposal.unwatched(), 0);
    LOG.atInfo()
        .addKeyValue("region", region.getId())
        .addKeyValue(
            "changes", orders.stream().map(PeerOrders::inWords).collect(Collectors.joining(", ")))
        .addKeyValue("result", proposed)
        .log("peer change proposed");
  }

  private static String inWords(ChangePeer order) {
    return order.getChangeType()
        + " "
        + order.getPeer().getId()
        + " on "
        + order.getPeer().getStoreId();
  }

  private static MembershipChange changeOf(Region region, List<ChangePeer> orders) {
    ChangePeersCommand.Builder command =
        ChangePeersCommand.newBuilder().setEpoch(region.getRegionEpoch());
    List<MembershipChange.Step> steps = new ArrayList<>(orders.size());
    for (ChangePeer order : orders) {
      Peer target = targetOf(region, order);
      boolean removal = order.getChangeType() == ConfChangeType.RemoveNode;
      command.addChanges(
          PeerChange.newBuilder()
              .setKind(removal ? PeerChange.Kind.REMOVE : PeerChange.Kind.ADD)
              .setPeer(target));
      steps.add(new MembershipChange.Step(stepOf(order.getChangeType()), target.getId()));
    }
    return new MembershipChange(
        orders.size() == 1
            ? MembershipChange.Transition.SIMPLE
            : MembershipChange.Transition.ENTER_JOINT_AUTO_LEAVE,
        steps,
        CommandCodec.changePeers(command.build()));
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

  // Problems.

  private static Optional<String> problemWith(Region region, List<ChangePeer> orders) {
    if (PeerChanges.isJoint(region)) {
      return Optional.of("the change before has not ended");
    }
    boolean several = orders.size() > 1;
    boolean voterChanges = false;
    TreeSet<Long> stores = new TreeSet<>();
    for (ChangePeer order : orders) {
      Optional<String> problem = problemWith(region, order, several);
      if (problem.isPresent()) {
        return problem;
      }
      if (!stores.add(order.getPeer().getStoreId())) {
        return Optional.of("two changes on store " + order.getPeer().getStoreId());
      }
      voterChanges |= changesVoters(region, order);
    }
    // Without a peer that gains or loses its vote nobody could see the joint state.
    return several && !voterChanges
        ? Optional.of("several changes, and none of a voter")
        : Optional.empty();
  }

  private static boolean changesVoters(Region region, ChangePeer order) {
    boolean votes =
        PeerChanges.onStore(region, order.getPeer().getStoreId())
            .filter(present -> present.getRole() != PeerRole.Learner)
            .isPresent();
    return votes || order.getChangeType() == ConfChangeType.AddNode;
  }

  private static Optional<String> problemWith(Region region, ChangePeer order, boolean several) {
    Peer wanted = order.getPeer();
    Optional<Peer> present = PeerChanges.onStore(region, wanted.getStoreId());
    return switch (order.getChangeType()) {
      case RemoveNode -> problemWithRemoval(wanted, present, several);
      case AddNode -> problemWithAddition(region, wanted, present, PeerRole.Voter);
      case AddLearnerNode -> problemWithAddition(region, wanted, present, PeerRole.Learner);
      case UNRECOGNIZED -> Optional.of("unknown kind of change");
    };
  }

  private static Optional<String> problemWithRemoval(
      Peer wanted, Optional<Peer> present, boolean several) {
    if (present.isEmpty()) {
      return Optional.of("no peer on store " + wanted.getStoreId());
    }
    if (wanted.getId() != 0 && wanted.getId() != present.get().getId()) {
      return Optional.of("the peer on store " + wanted.getStoreId() + " is another");
    }
    // It would have a vote in one membership and no role in the other.
    return several && present.get().getRole() != PeerRole.Learner
        ? Optional.of("a voter becomes a learner before it is removed with others")
        : Optional.empty();
  }

  private static Optional<String> problemWithAddition(
      Region region, Peer wanted, Optional<Peer> present, PeerRole role) {
    if (wanted.getId() == 0) {
      return Optional.of("the peer has no id");
    }
    if (present.isPresent()) {
      if (present.get().getId() != wanted.getId()) {
        return Optional.of("another peer is on store " + wanted.getStoreId());
      }
      return present.get().getRole() == role
          ? Optional.of("the peer has that role already")
          : Optional.empty();
    }
    return PeerChanges.byId(region, wanted.getId()).isPresent()
        ? Optional.of("a peer with that id is on another store")
        : Optional.empty();
  }
}
