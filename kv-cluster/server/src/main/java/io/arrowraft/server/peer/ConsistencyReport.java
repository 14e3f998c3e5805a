package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Peer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a consistency check found.
 *
 * @param index at which the replicas were compared
 * @param hashes what each replica said, in the order of the region's peers
 */
public record ConsistencyReport(
    long regionId, long index, Map<Peer, ReplicaHash> hashes, Verdict verdict) {
  public enum Verdict {
    /** All replicas that answered are equal, and they are a majority. */
    CONSISTENT,
    /** A majority is equal; the others are damaged and are taken out of the region. */
    MINORITY_DAMAGED,
    /** A majority is equal and the leader differs: another one leads first, then checks again. */
    LEADER_DAMAGED,
    /** No majority is equal, or too few answered: nothing is done. */
    UNDECIDED
  }

  public ConsistencyReport {
    Objects.requireNonNull(verdict, "verdict");
    hashes = new LinkedHashMap<>(hashes);
  }

  @Override
  public Map<Peer, ReplicaHash> hashes() {
    return new LinkedHashMap<>(hashes);
  }

  /** The hash of more than half of all replicas, if there is one. */
  static Long majorityOf(Map<Peer, ReplicaHash> hashes) {
    for (ReplicaHash candidate : hashes.values()) {
      long equal = hashes.values().stream().filter(candidate::equals).count();
      if (candidate.state() == ReplicaHash.State.KNOWN && 2 * equal > hashes.size()) {
        return candidate.hash();
      }
    }
    return null;
  }

  /** Whether two replicas have said different things, or one that it is damaged. */
  static boolean isDisputed(Map<Peer, ReplicaHash> hashes) {
    return hashes.values().stream()
            .filter(
                each ->
                    each.state() == ReplicaHash.State.KNOWN
                        || each.state() == ReplicaHash.State.DAMAGED)
            .distinct()
            .count()
        > 1;
  }

  /** The replicas that say otherwise than the majority, or that they are damaged. */
  static List<Peer> damaged(Map<Peer, ReplicaHash> hashes, long majority) {
    return hashes.entrySet().stream()
        .filter(
            each ->
                each.getValue().state() == ReplicaHash.State.DAMAGED
                    || (each.getValue().state() == ReplicaHash.State.KNOWN
                        && each.getValue().hash() != majority))
        .map(Map.Entry::getKey)
        .toList();
  }
}
