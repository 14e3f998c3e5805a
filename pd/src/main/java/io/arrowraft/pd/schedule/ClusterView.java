package io.arrowraft.pd.schedule;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.RegionTree;
import io.arrowraft.pd.store.StoreStatus;
import io.arrowraft.proto.metapb.Peer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.function.Supplier;

/**
 * What schedulers see: regions, stores, how both are loaded, and which regions are being worked on.
 */
public final class ClusterView {
  private final RegionTree regions;
  private final ScheduleLimits limits;
  private final int replicas;
  private final LongPredicate busy;
  private final Supplier<OptionalLong> peerIds;
  private final TreeMap<Long, StoreStatus> stores = new TreeMap<>();
  private final TreeMap<Long, Integer> leaders = new TreeMap<>();
  private final TreeMap<Long, Integer> peers = new TreeMap<>();

  /**
   * @param replicas how many peers each region should have
   * @param busy tells whether an operator runs for a region
   * @param peerIds hands out an id for a new peer, if one is at hand
   */
  public ClusterView(
      RegionTree regions,
      List<StoreStatus> stores,
      ScheduleLimits limits,
      int replicas,
      LongPredicate busy,
      Supplier<OptionalLong> peerIds) {
    this.regions = regions;
    this.limits = limits;
    this.replicas = replicas;
    this.busy = busy;
    this.peerIds = peerIds;
    stores.forEach(store -> this.stores.put(store.id(), store));
    for (RegionInfo region : regions.all()) {
      region.leader().ifPresent(leader -> leaders.merge(leader.getStoreId(), 1, Integer::sum));
      for (Peer peer : region.peers()) {
        peers.merge(peer.getStoreId(), 1, Integer::sum);
      }
    }
  }

  RegionTree regions() {
    return regions;
  }

  int replicas() {
    return replicas;
  }

  /**
   * Whether a region can be worked on: it has a leader, no operator, and no change of peers under
   * way.
   */
  boolean isFree(RegionInfo region) {
    return region.leader().isPresent() && !region.inJointState() && !busy.test(region.id());
  }

  OptionalLong newPeerId() {
    return peerIds.get();
  }

  /** Stores that may take peers and leaders. */
  List<StoreStatus> targets() {
    return stores.values().stream().filter(this::isTarget).toList();
  }

  private boolean isTarget(StoreStatus store) {
    return store.isUp() && store.heardWithin(limits.storeDisconnectedAfter());
  }

  /**
   * Whether peers of the store must be replaced: it is unknown, being emptied, or silent for too
   * long.
   */
  boolean mustLeave(long storeId) {
    StoreStatus store = stores.get(storeId);
    return store == null || !store.isUp() || !store.heardWithin(limits.storeDownAfter());
  }

  int leadersOn(long storeId) {
    return leaders.getOrDefault(storeId, 0);
  }

  int peersOn(long storeId) {
    return peers.getOrDefault(storeId, 0);
  }

  /** Takes into account that a leader is about to move. */
  void assumeLeaderMoves(long from, long to) {
    leaders.merge(from, -1, Integer::sum);
    leaders.merge(to, 1, Integer::sum);
  }

  /** Takes into account that a peer is about to be added. */
  void assumePeerAdded(long storeId) {
    peers.merge(storeId, 1, Integer::sum);
  }

  /** The store, if known. */
  Optional<StoreStatus> store(long storeId) {
    return Optional.ofNullable(stores.get(storeId));
  }
}
