package io.arrowraft.server.apply;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.ChangePeersCommand;
import io.arrowraft.proto.store.PeerChange;
import io.arrowraft.raft.core.Membership;
import io.arrowraft.raft.core.MembershipChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Peers of a region: who they are to Raft, and how a membership change alters their list. While two
 * memberships are in force at once, the peers that gain or lose their vote say so by their role;
 * there is no other mark of a joint state.
 */
public final class PeerChanges {
  private PeerChanges() {}

  /**
   * The region after the change, with its conf version moved by the number of peers that change:
   * once when a joint state is entered and again when it is left.
   *
   * @return empty if the change was made for another state of the region and has no effect
   */
  public static Optional<Region> after(Region region, MembershipChange change) {
    if (change.transition() == MembershipChange.Transition.LEAVE_JOINT) {
      return isJoint(region) ? Optional.of(leaveJoint(region)) : Optional.empty();
    }
    ChangePeersCommand command = CommandCodec.decodeChangePeers(change.context());
    boolean joint = change.transition() != MembershipChange.Transition.SIMPLE;
    return command.getEpoch().equals(region.getRegionEpoch())
        ? Optional.of(change(region, command, joint))
        : Optional.empty();
  }

  private static Region change(Region region, ChangePeersCommand command, boolean joint) {
    List<Peer> peers = new ArrayList<>(region.getPeersList());
    for (PeerChange change : command.getChangesList()) {
      int at = indexOf(peers, change.getPeer().getId());
      if (change.getKind() == PeerChange.Kind.REMOVE) {
        if (at >= 0) {
          peers.remove(at);
        }
      } else if (at >= 0) {
        peers.set(at, joint ? onTheWay(peers.get(at), change.getPeer()) : change.getPeer());
      } else {
        peers.add(joint ? arriving(change.getPeer()) : change.getPeer());
      }
    }
    return withPeers(region, peers, command.getChangesCount());
  }

  private static Peer arriving(Peer added) {
    return added.getRole() == PeerRole.Learner ? added : as(added, PeerRole.IncomingVoter);
  }

  private static Peer onTheWay(Peer present, Peer wanted) {
    if (present.getRole() == wanted.getRole()) {
      return present;
    }
    return as(
        present,
        wanted.getRole() == PeerRole.Learner ? PeerRole.DemotingVoter : PeerRole.IncomingVoter);
  }

  private static Region leaveJoint(Region region) {
    List<Peer> peers = new ArrayList<>(region.getPeersCount());
    int changed = 0;
    for (Peer peer : region.getPeersList()) {
      switch (peer.getRole()) {
        case IncomingVoter -> peers.add(as(peer, PeerRole.Voter));
        case DemotingVoter -> peers.add(as(peer, PeerRole.Learner));
        default -> peers.add(peer);
      }
      changed += isChanging(peer) ? 1 : 0;
    }
    return withPeers(region, peers, changed);
  }

  private static Region withPeers(Region region, List<Peer> peers, int changes) {
    Region.Builder changed = region.toBuilder().clearPeers().addAllPeers(peers);
    changed.getRegionEpochBuilder().setConfVer(region.getRegionEpoch().getConfVer() + changes);
    return changed.build();
  }

  private static Peer as(Peer peer, PeerRole role) {
    return peer.toBuilder().setRole(role).build();
  }

  /** Whether two memberships are in force at once. */
  public static boolean isJoint(Region region) {
    return region.getPeersList().stream().anyMatch(PeerChanges::isChanging);
  }

  private static boolean isChanging(Peer peer) {
    return peer.getRole() == PeerRole.IncomingVoter || peer.getRole() == PeerRole.DemotingVoter;
  }

  /**
   * The Raft membership that the region's peers form. Its leader leaves a joint state by itself.
   */
  public static Membership membership(Region region) {
    boolean joint = isJoint(region);
    TreeSet<Long> voters = new TreeSet<>();
    TreeSet<Long> outgoing = new TreeSet<>();
    TreeSet<Long> learners = new TreeSet<>();
    TreeSet<Long> learnersNext = new TreeSet<>();
    for (Peer peer : region.getPeersList()) {
      switch (peer.getRole()) {
        case Learner -> learners.add(peer.getId());
        case IncomingVoter -> voters.add(peer.getId());
        case DemotingVoter -> {
          outgoing.add(peer.getId());
          learnersNext.add(peer.getId());
        }
        default -> {
          voters.add(peer.getId());
          if (joint) {
            outgoing.add(peer.getId());
          }
        }
      }
    }
    return new Membership(voters, outgoing, learners, learnersNext, joint);
  }

  public static Optional<Peer> byId(Region region, long peerId) {
    int at = indexOf(region.getPeersList(), peerId);
    return at < 0 ? Optional.empty() : Optional.of(region.getPeers(at));
  }

  public static Optional<Peer> onStore(Region region, long storeId) {
    for (Peer peer : region.getPeersList()) {
      if (peer.getStoreId() == storeId) {
        return Optional.of(peer);
      }
    }
    return Optional.empty();
  }

  private static int indexOf(List<Peer> peers, long peerId) {
    for (int i = 0; i < peers.size(); i++) {
      if (peers.get(i).getId() == peerId) {
        return i;
      }
    }
    return -1;
  }
}
