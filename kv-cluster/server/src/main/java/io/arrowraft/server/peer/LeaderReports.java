package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.PeerStats;
import io.arrowraft.proto.pdpb.RegionHeartbeatRequest;
import io.arrowraft.raft.core.RaftStatus;
import io.arrowraft.server.apply.PeerChanges;
import java.util.Optional;

/** What a leader tells the placement driver about its region. */
final class LeaderReports {
  private LeaderReports() {}

  /** The report as of now; empty if this replica does not lead. On the region's loop. */
  static Optional<RegionHeartbeatRequest> of(RegionPeer peer) {
    if (!peer.isServing() || !peer.isLeader()) {
      return Optional.empty();
    }
    Region region = peer.region();
    RegionHeartbeatRequest.Builder report =
        RegionHeartbeatRequest.newBuilder()
            .setRegion(region)
            .setLeader(peer.self())
            .setTerm(peer.group().role().term())
            .setBytesWritten(peer.traffic().takeBytes())
            .setKeysWritten(peer.traffic().takeKeys())
            // Zero would read as "not known yet".
            .setApproximateSize(Math.max(1, peer.counts().bytes()))
            .setApproximateKeys(peer.counts().keys());
    RaftStatus raft = peer.group().status();
    for (RaftStatus.PeerStatus status : raft.peers()) {
      Optional<Peer> other = PeerChanges.byId(region, status.peer());
      if (other.isEmpty() || status.peer() == peer.peerId()) {
        continue;
      }
      if (!status.active()) {
        report.addDownPeers(PeerStats.newBuilder().setPeer(other.get()).setDownSeconds(1));
      }
      if (isPending(raft, status)) {
        report.addPendingPeers(other.get());
      }
    }
    return Optional.of(report.build());
  }

  /** Whether the peer cannot take part yet because it lacks what is compacted away. */
  private static boolean isPending(RaftStatus raft, RaftStatus.PeerStatus status) {
    return status.mode() == RaftStatus.PeerMode.SNAPSHOT || status.match() + 1 < raft.firstIndex();
  }
}
