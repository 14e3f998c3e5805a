package io.arrowraft.pd.region;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.pdpb.PeerStats;
import io.arrowraft.proto.pdpb.RegionHeartbeatRequest;
import java.util.List;
import java.util.Optional;

/**
 * A region as it was last described.
 *
 * @param leader the peer that leads, or empty while nobody has said so
 * @param term Raft term of the report; 0 if it did not come from a leader
 * @param down peers that the leader has not heard of for a while
 * @param pending peers that still lack log or snapshot
 * @param approximateBytes size of the data
 * @param traffic what the region has served since the report before
 */
public record RegionInfo(
    Region meta,
    Optional<Peer> leader,
    long term,
    List<PeerStats> down,
    List<Peer> pending,
    long approximateBytes,
    long approximateKeys,
    RegionTraffic traffic) {
  public RegionInfo {
    down = List.copyOf(down);
    pending = List.copyOf(pending);
  }

  /** A region of whose traffic nothing is known. */
  public RegionInfo(
      Region meta,
      Optional<Peer> leader,
      long term,
      List<PeerStats> down,
      List<Peer> pending,
      long approximateBytes,
      long approximateKeys) {
    this(
        meta,
        leader,
        term,
        down,
        pending,
        approximateBytes,
        approximateKeys,
        RegionTraffic.UNKNOWN);
  }

  /** A region of which only the shape is known. */
  public static RegionInfo shape(Region meta, Optional<Peer> leader) {
    return new RegionInfo(meta, leader, 0, List.of(), List.of(), 0, 0);
  }

  /** What a leader says of its region. */
  public static RegionInfo of(RegionHeartbeatRequest report) {
    return new RegionInfo(
        report.getRegion(),
        report.hasLeader() && report.getLeader().getId() != 0
            ? Optional.of(report.getLeader())
            : Optional.empty(),
        report.getTerm(),
        report.getDownPeersList(),
        report.getPendingPeersList(),
        report.getApproximateSize(),
        report.getApproximateKeys(),
        RegionTraffic.of(report));
  }

  public long id() {
    return meta.getId();
  }

  public ByteString startKey() {
    return meta.getStartKey();
  }

  public ByteString endKey() {
    return meta.getEndKey();
  }

  public RegionEpoch epoch() {
    return meta.getRegionEpoch();
  }

  public List<Peer> peers() {
    return meta.getPeersList();
  }

  /** Whether {@code key} lies in the region. */
  public boolean contains(ByteString key) {
    return Keys.compare(startKey(), key) <= 0
        && (endKey().isEmpty() || Keys.compare(key, endKey()) < 0);
  }

  /** The region's peer on a store. */
  public Optional<Peer> peerOn(long storeId) {
    for (Peer peer : peers()) {
      if (peer.getStoreId() == storeId) {
        return Optional.of(peer);
      }
    }
    return Optional.empty();
  }

  /** The region's peer with an id. */
  public Optional<Peer> peer(long peerId) {
    return peers().stream().filter(peer -> peer.getId() == peerId).findFirst();
  }

  /** The store of the leader; 0 while the leader is unknown. */
  public long leaderStore() {
    return leader.map(Peer::getStoreId).orElse(0L);
  }

  /** Size of the data in MiB, at least 1: even an empty region costs something to keep. */
  public long mib() {
    return Math.max(1, approximateBytes >> 20);
  }

  /** Whether a peer leads. */
  public boolean isLeader(Peer peer) {
    return leader.isPresent() && leader.get().getId() == peer.getId();
  }

  /** Whether a change of the peers is under way, so that another must not begin. */
  public boolean inJointState() {
    for (Peer peer : peers()) {
      if (peer.getRole() == PeerRole.IncomingVoter || peer.getRole() == PeerRole.DemotingVoter) {
        return true;
      }
    }
    return false;
  }

  /** Whether the leader has not heard of a peer for a while. */
  public boolean isDown(Peer peer) {
    for (PeerStats silent : down) {
      if (silent.getPeer().getId() == peer.getId()) {
        return true;
      }
    }
    return false;
  }

  /** Whether the leader says that a peer is up and has all of the log. */
  public boolean healthy(Peer peer) {
    for (Peer lagging : pending) {
      if (lagging.getId() == peer.getId()) {
        return false;
      }
    }
    return !isDown(peer);
  }

  /** Whether stores hold as much of it, and in the same roles, as they did as of another report. */
  boolean isShelvedAs(RegionInfo other) {
    return meta.equals(other.meta)
        && mib() == other.mib()
        && leader.equals(other.leader)
        && pending.equals(other.pending);
  }

  RegionInfo withShape(Region newer) {
    Optional<Peer> stillLeads =
        leader.filter(l -> newer.getPeersList().stream().anyMatch(p -> p.getId() == l.getId()));
    return new RegionInfo(
        newer, stillLeads, term, down, pending, approximateBytes, approximateKeys);
  }
}
