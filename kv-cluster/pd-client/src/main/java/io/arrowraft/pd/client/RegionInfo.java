package io.arrowraft.pd.client;

import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.runtime.Bytes;
import java.util.List;
import java.util.Optional;

/**
 * A region as the placement driver knows it.
 *
 * @param meta range, epoch and peers
 * @param leader the peer that leads; empty while the placement driver has not heard from one
 */
public record RegionInfo(Region meta, Optional<Peer> leader) {

  /** The region of an answer's parts; an absent leader is an empty message on the wire. */
  static RegionInfo of(Region meta, Peer leader) {
    return new RegionInfo(meta, leader.getId() == 0 ? Optional.empty() : Optional.of(leader));
  }

  public long id() {
    return meta.getId();
  }

  /** First key. */
  public Bytes startKey() {
    return Bytes.wrap(meta.getStartKey().toByteArray());
  }

  /** First key beyond; empty: the region reaches to the end of the key space. */
  public Bytes endKey() {
    return Bytes.wrap(meta.getEndKey().toByteArray());
  }

  /** All replicas. */
  public List<Peer> peers() {
    return meta.getPeersList();
  }

  /** The peer to ask first: the leader, or any peer while there is no leader. */
  public Optional<Peer> leaderOrFirst() {
    return leader.or(() -> peers().stream().findFirst());
  }

  static com.google.protobuf.ByteString wire(Bytes key) {
    return UnsafeByteOperations.unsafeWrap(key.unsafeArray());
  }
}
