package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.PeerStats;
import io.arrowraft.proto.pdpb.RegionHeartbeatRequest;
import io.arrowraft.proto.pdpb.TimeInterval;
import io.arrowraft.raft.core.RaftStatus;
import io.arrowraft.server.region.LoadCounts;
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

  /** Wall clock; 0 before the first report. */
  private long reportedAtSeconds;

  /**
   * @param down peers that have been silent for long enough to be given up
   * @param pending peers that cannot be relied upon now: silent ones, and those that lack what is
   *     compacted away
   */
  private record Troubles(List<Long> down, List<Long> pending) {
    boolean isEmpty() {
      return down.isEmpty() && pending.isEmpty();
    }
  }

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
    LoadCounts load = peer.traffic().takeReport();
    long wallSeconds = peer.context().environment().time().wallMillis() / 1000;
    RegionHeartbeatRequest.Builder report =
        RegionHeartbeatRequest.newBuilder()
            .setRegion(region)
            .setLeader(peer.self())
            .setTerm(peer.group().role().term())
            .setBytesWritten(load.bytesWritten())
            .setKeysWritten(load.keysWritten())
            .setBytesRead(load.bytesRead())
            .setKeysRead(load.keysRead())
            .setQueryStats(load.toProto())
            .setInterval(
                TimeInterval.newBuilder()
                    .setStartTimestamp(reportedAtSeconds == 0 ? wallSeconds : reportedAtSeconds)
                    .setEndTimestamp(wallSeconds))
            // Zero would read as "not known yet".
            .setApproximateSize(Math.max(1, peer.counts().bytes()))
            .setApproximateKeys(peer.counts().keys());
    reportedAtSeconds = wallSeconds;
    for (long down : troubles.down()) {
      peer.peerById(down).ifPresent(known -> report.addDownPeers(statsOf(known)));
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
   * Whether peers have fallen silent, are given up, have come back or caught up since the last
   * report: the placement driver waits for that.
   */
  boolean isDue() {
    return peer.isServing() && peer.isLeader() && !look().equals(reported);
  }

  /** The same, for a leader whose last report named peers in trouble. */
  boolean isDueAfterTrouble() {
    return !reported.isEmpty() && isDue();
  }

  private Troubles look() {
    List<Long> silent = new ArrayList<>();
    List<Long> down = new ArrayList<>();
    List<Long> pending = new ArrayList<>();
    RaftStatus raft = peer.group().status();
    for (RaftStatus.PeerStatus other : raft.peers()) {
      if (other.peer() == peer.peerId()) {
        continue;
      }
      boolean lacksLog =
          other.mode() == RaftStatus.PeerMode.SNAPSHOT || other.match() + 1 < raft.firstIndex();
      if (!other.active()) {
        silent.add(other.peer());
        silentSinceNanos.putIfAbsent(other.peer(), now());
        if (isDown(other.peer())) {
          down.add(other.peer());
        }
      }
      if (!other.active() || lacksLog) {
        pending.add(other.peer());
      }
    }
    silentSinceNanos.keySet().retainAll(silent);
    return new Troubles(down, pending);
  }

  private boolean isDown(long silent) {
    return now() - silentSinceNanos.get(silent)
        >= peer.context().config().supervision().peerDownAfter().toNanos();
  }

  private long now() {
    return peer.context().environment().time().nanos();
  }
}
