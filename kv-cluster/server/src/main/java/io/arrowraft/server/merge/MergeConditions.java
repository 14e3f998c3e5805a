package io.arrowraft.server.merge;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.RaftStatus;
import io.arrowraft.server.apply.CommandCodec;
import io.arrowraft.server.state.KeyRanges;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** When two regions may merge. Decisions over values; each answer is why not. */
public final class MergeConditions {
  private MergeConditions() {}

  /** What speaks against making {@code source} a part of {@code target}. */
  public static Optional<String> problem(Region source, Region target) {
    if (source.getId() == target.getId()) {
      return Optional.of("a region cannot merge with itself");
    }
    if (!adjoin(source, target) && !adjoin(target, source)) {
      return Optional.of("the regions are no neighbours");
    }
    if (!votersOnly(source) || !votersOnly(target)) {
      return Optional.of("not all peers are voters");
    }
    return stores(source).equals(stores(target))
        ? Optional.empty()
        : Optional.of("the regions are on different stores");
  }

  private static boolean adjoin(Region left, Region right) {
    return !left.getEndKey().isEmpty()
        && KeyRanges.compare(left.getEndKey(), right.getStartKey()) == 0;
  }

  private static boolean votersOnly(Region region) {
    return region.getPeersList().stream().allMatch(peer -> peer.getRole() == PeerRole.Voter);
  }

  private static TreeSet<Long> stores(Region region) {
    TreeSet<Long> stores = new TreeSet<>();
    region.getPeersList().stream().map(Peer::getStoreId).forEach(stores::add);
    return stores;
  }

  /**
   * What the source's replicas have to catch up with.
   *
   * @param minIndex the first entry that not all of them are known to have
   * @param problem why that is too much; empty if it is not
   */
  public record Gap(long minIndex, Optional<String> problem) {}

  /**
   * How far the source's replicas are apart.
   *
   * @param entriesMax that replicas may lag; no more than what every log keeps of what it applied,
   *     or a replica could not bring the others up to date
   */
  public static Gap gap(RaftStatus source, long entriesMax) {
    long match = source.lastIndex();
    for (RaftStatus.PeerStatus peer : source.peers()) {
      if (peer.peer() == source.peerId()) {
        continue;
      }
      if (peer.mode() == RaftStatus.PeerMode.SNAPSHOT) {
        return new Gap(0, Optional.of("a snapshot is on its way to peer " + peer.peer()));
      }
      if (!peer.active()) {
        return new Gap(0, Optional.of("peer " + peer.peer() + " is silent"));
      }
      match = Math.min(match, peer.match());
    }
    if (source.transferTo() != 0) {
      return new Gap(0, Optional.of("leadership is being handed over"));
    }
    boolean far = match + 1 < source.firstIndex() || source.lastIndex() - match > entriesMax;
    return new Gap(
        match + 1,
        far
            ? Optional.of("replicas lag: " + match + " of " + source.lastIndex())
            : Optional.empty());
  }

  /** Whether what the replicas lack can travel in the target's log. */
  public static Optional<String> problem(List<Entry> gap, long bytesMax) {
    long bytes = 0;
    for (Entry entry : gap) {
      if (!CommandCodec.isData(entry)) {
        return Optional.of("entry " + entry.index() + " changes the region");
      }
      bytes += entry.sizeBytes();
    }
    return bytes > bytesMax ? Optional.of("replicas lack " + bytes + " bytes") : Optional.empty();
  }
}
