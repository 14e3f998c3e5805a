package io.arrowraft.server.apply;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.ChangePeersCommand;
import io.arrowraft.proto.store.PeerChange;
import io.arrowraft.raft.core.Membership;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Peers of a region: who they are to Raft, and how a membership change alters their list. */
public final class PeerChanges {
  private PeerChanges() {}

  /** The region after {@code command}, with its conf version moved. */
  public static Region apply(Region region, ChangePeersCommand command) {
    List<Peer> peers = new ArrayList<>(region.getPeersList());
    for (PeerChange change : command.getChangesList()) {
      int at = indexOf(peers, change.getPeer().getId());
      if (change.getKind() == PeerChange.Kind.REMOVE) {
        if (at >= 0) {
          peers.remove(at);
        }
      } else if (at >= 0) {
        peers.set(at, change.getPeer());
      } else {
        peers.add(change.getPeer());
      }
    }
    Region.Builder changed = region.toBuilder().clearPeers().addAllPeers(peers);
    changed
        .getRegionEpochBuilder()
        .setConfVer(region.getRegionEpoch().getConfVer() + command.getChangesCount());
    return changed.build();
  }

  /** The Raft membership that the region's peers form. */
  public static Membership membership(Region region) {
    List<Long> voters = new ArrayList<>();
    List<Long> learners = new ArrayList<>();
    for (Peer peer : region.getPeersList()) {
      (peer.getRole() == PeerRole.Learner ? learners : voters).add(peer.getId());
    }
    return Membership.of(voters, learners);
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
