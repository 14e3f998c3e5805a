package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.PeerStats;
import io.arrowraft.proto.pdpb.RegionHeartbeatRequest;
import io.arrowraft.raft.core.RaftStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a leader tells the placement driver about its region. Owned by the region's loop. */
final class LeaderReports {
  private final RegionPeer peer;

  /** Since when each silent peer has been silent. */
  private final Map<Long, Long> silentSinceNanos = new TreeMap<>();

  private Troubles reported = new Troubles(List.of(), List.of());

  /**
   * @param silent peers that have not been heard of within an election timeout
   * @param pending peers that cannot take part yet because they lack what is compacted away
   */
  private record Troubles(List<Long> silent, List<Long> pending) {}

  LeaderReports(RegionPeer peer) {
    this.peer = peer;
  }

  /** The report as of now; empty if this replica does not lead. */
  Optional<RegionHeartbeatRequest> next() {
    if (!peer.isServing() || !peer.isLeader()) {
      return Optional.empty();
    }
    Region region = peer.region();
    Troubles troubles = look();
    reported = troubles;
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
    for (long silent : troubles.silent()) {
      peer.peerById(silent).ifPresent(known -> report.addDownPeers(statsOf(known)));
    }
    for (long pending : troubles.pending()) {
      peer.peerById(pending).ifPresent(report::addPendingPeers);
    }
    return Optional.of(report.build());
  }

  private PeerStats statsOf(Peer silent) {
    long since = silentSinceNanos.getOrDefault(silent.getId(), now());
    return PeerStats.newBuilder()
        .setPeer(silent)
        .setDownSeconds(Math.max(1, Duration.ofNanos(now() - since).toSeconds()))
        .build();
  }

  /**
   * Whether peers have fallen silent, come back or caught up since the last report: the placement
   * driver waits for that.
   */
  boolean isDue() {
    return peer.isServing() && peer.isLeader() && !look().equals(reported);
  }

  /** The same, for a leader whose last report named peers in trouble. */
  boolean isDueAfterTrouble() {
    return !(reported.silent().isEmpty() && reported.pending().isEmpty()) && isDue();
  }

  private Troubles look() {
    List<Long> silent = new ArrayList<>();
    List<Long> pending = new ArrayList<>();
    RaftStatus raft = peer.group().status();
    for (RaftStatus.PeerStatus other : raft.peers()) {
      if (other.peer() == peer.peerId()) {
        continue;
      }
      if (other.active()) {
        silentSinceNanos.remove(other.peer());
      } else {
        silent.add(other.peer());
        silentSinceNanos.putIfAbsent(other.peer(), now());
      }
      if (other.mode() == RaftStatus.PeerMode.SNAPSHOT || other.match() + 1 < raft.firstIndex()) {
        pending.add(other.peer());
      }
    }
    silentSinceNanos.keySet().retainAll(silent);
    return new Troubles(silent, pending);
  }

  private long now() {
    return peer.context().environment().time().nanos();
  }
}
