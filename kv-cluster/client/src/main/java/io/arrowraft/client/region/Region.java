package io.arrowraft.client.region;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.runtime.Bytes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the client believes about a region.
 *
 * @param startKey region key, inclusive
 * @param endKey region key, exclusive; empty for the end of the key space
 * @param peers its replicas, never empty
 * @param leader the replica to ask first, one of {@code peers}
 */
public record Region(
    long id, Bytes startKey, Bytes endKey, RegionEpoch epoch, List<Peer> peers, Peer leader) {
  public Region {
    Objects.requireNonNull(startKey, "startKey");
    Objects.requireNonNull(endKey, "endKey");
    Objects.requireNonNull(epoch, "epoch");
    Objects.requireNonNull(leader, "leader");
    peers = List.copyOf(peers);
    if (peers.isEmpty()) {
      throw new IllegalArgumentException("region " + id + " has no peers");
    }
  }

  /** From its description on the wire; the first peer stands in for a leader that is not known. */
  public static Region of(io.arrowraft.proto.metapb.Region region, Optional<Peer> leader) {
    return new Region(
        region.getId(),
        Bytes.wrap(region.getStartKey().toByteArray()),
        Bytes.wrap(region.getEndKey().toByteArray()),
        region.getRegionEpoch(),
        region.getPeersList(),
        leader.filter(peer -> peer.getId() != 0).orElseGet(() -> region.getPeers(0)));
  }

  public boolean contains(Bytes regionKey) {
    return regionKey.compareTo(startKey) >= 0
        && (endKey.isEmpty() || regionKey.compareTo(endKey) < 0);
  }

  public Region withLeader(Peer newLeader) {
    return new Region(id, startKey, endKey, epoch, peers, newLeader);
  }

  /** The replica with this id, if the region has it. */
  public Optional<Peer> peer(long peerId) {
    return peers.stream().filter(peer -> peer.getId() == peerId).findFirst();
  }

  /** Whether both describe the same range and replicas of the same region. */
  public boolean isSameVersion(Region other) {
    return id == other.id && epoch.equals(other.epoch);
  }

  /** Whether {@code other}, of the same region, was described earlier than this one. */
  public boolean isNewerThan(RegionEpoch other) {
    return other.getVersion() < epoch.getVersion() || other.getConfVer() < epoch.getConfVer();
  }

  @Override
  public String toString() {
    return "region "
        + id
        + " (epoch "
        + epoch.getConfVer()
        + "/"
        + epoch.getVersion()
        + ", leader at store "
        + leader.getStoreId()
        + ")";
  }
}
