package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.server.state.KeyRanges;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Finds the replicas of this store by region id: where requests and messages find their mailboxes.
 * Read by any thread, changed on the store's control loop only.
 */
final class RegionDirectory {
  /** How many neighbours an epoch error carries. */
  private static final int NEIGHBOURS_MAX = 16;

  private final ConcurrentMap<Long, RegionPeer> peers = new ConcurrentSkipListMap<>();

  /** Replicas whose merge is prepared; changed on their loops. */
  private final ConcurrentMap<Long, RegionPeer> merging = new ConcurrentSkipListMap<>();

  Optional<RegionPeer> find(long regionId) {
    return Optional.ofNullable(peers.get(regionId));
  }

  void put(RegionPeer peer) {
    peers.put(peer.regionId(), peer);
  }

  void remove(RegionPeer peer) {
    peers.remove(peer.regionId(), peer);
  }

  void setMerging(RegionPeer peer, boolean on) {
    if (on) {
      merging.put(peer.regionId(), peer);
    } else {
      merging.remove(peer.regionId(), peer);
    }
  }

  /** Replicas whose merge is prepared, by region id. */
  List<RegionPeer> merging() {
    return merging.isEmpty() ? List.of() : new ArrayList<>(merging.values());
  }

  int size() {
    return peers.size();
  }

  /** All replicas, by region id. */
  List<RegionPeer> all() {
    return new ArrayList<>(peers.values());
  }

  /** Initialised regions in key order. */
  List<RegionView> views() {
    List<RegionView> views = new ArrayList<>();
    for (RegionPeer peer : peers.values()) {
      peer.view().ifPresent(views::add);
    }
    views.sort(
        Comparator.comparing(
            view -> view.region().getStartKey(),
            com.google.protobuf.ByteString.unsignedLexicographicalComparator()));
    return views;
  }

  /**
   * The region and those on its left that may have been cut from it since the caller's epoch, each
   * with its leader's peer first.
   */
  List<Region> withNeighbours(Region region) {
    List<Region> current = new ArrayList<>();
    List<RegionView> views = views();
    int at = -1;
    for (int i = 0; i < views.size(); i++) {
      if (views.get(i).region().getId() == region.getId()) {
        at = i;
      }
    }
    if (at < 0) {
      return List.of(region);
    }
    current.add(leaderFirst(region, views.get(at).leader()));
    Region right = region;
    for (int i = at - 1; i >= 0 && current.size() < NEIGHBOURS_MAX; i--) {
      RegionView left = views.get(i);
      if (KeyRanges.compare(left.region().getEndKey(), right.getStartKey()) != 0) {
        break;
      }
      current.add(leaderFirst(left.region(), left.leader()));
      right = left.region();
    }
    return current;
  }

  static Region leaderFirst(Region region, Optional<Peer> leader) {
    if (leader.isEmpty() || region.getPeersCount() < 2) {
      return region;
    }
    List<Peer> peers = new ArrayList<>(region.getPeersList());
    for (int i = 0; i < peers.size(); i++) {
      if (peers.get(i).getId() == leader.get().getId()) {
        peers.add(0, peers.remove(i));
        return region.toBuilder().clearPeers().addAllPeers(peers).build();
      }
    }
    return region;
  }
}
