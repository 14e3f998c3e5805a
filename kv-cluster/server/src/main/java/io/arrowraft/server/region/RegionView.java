package io.arrowraft.server.region;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import java.util.Objects;
import java.util.Optional;

/**
 * What a store knows of one of its regions.
 *
 * @param peer the replica here
 * @param leader the leader's replica, if known
 * @param term the Raft term of the replica here
 * @param appliedIndex the last entry applied here
 * @param approximateBytes size of the region's data, an estimate
 * @param approximateKeys number of keys, an estimate
 * @param garbage versions that may be garbage; at least those that are
 */
public record RegionView(
    Region region,
    Peer peer,
    Optional<Peer> leader,
    long term,
    long appliedIndex,
    long approximateBytes,
    long approximateKeys,
    long garbage) {
  public RegionView {
    Objects.requireNonNull(region, "region");
    Objects.requireNonNull(peer, "peer");
    Objects.requireNonNull(leader, "leader");
  }

  /** What is known where nobody counts garbage. */
  public RegionView(
      Region region,
      Peer peer,
      Optional<Peer> leader,
      long term,
      long appliedIndex,
      long approximateBytes,
      long approximateKeys) {
    this(region, peer, leader, term, appliedIndex, approximateBytes, approximateKeys, 0);
  }

  /** Whether the replica here believes that it leads. */
  public boolean isLeader() {
    return leader.isPresent() && leader.get().getId() == peer.getId();
  }
}
