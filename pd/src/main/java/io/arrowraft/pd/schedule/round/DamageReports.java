package io.arrowraft.pd.schedule.round;

import io.arrowraft.pd.region.RegionTree;
import io.arrowraft.proto.pdpb.StoreStats;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Replicas that stores cannot read any more, by what each store said last. Kept as peers and not as
 * regions, so that the replica that takes the place of a damaged one is not taken for it.
 */
final class DamageReports {
  private final RegionTree regions;
  private final Map<Long, Set<Long>> peersByStore = new HashMap<>();

  DamageReports(RegionTree regions) {
    this.regions = regions;
  }

  void heard(StoreStats stats) {
    if (stats.getDamagedRegionsIdCount() == 0) {
      peersByStore.remove(stats.getStoreId());
      return;
    }
    Set<Long> peers = new HashSet<>();
    for (long region : stats.getDamagedRegionsIdList()) {
      regions
          .find(region)
          .flatMap(info -> info.peerOn(stats.getStoreId()))
          .ifPresent(peer -> peers.add(peer.getId()));
    }
    peersByStore.put(stats.getStoreId(), peers);
  }

  boolean isDamaged(long storeId, long peerId) {
    Set<Long> peers = peersByStore.get(storeId);
    return peers != null && peers.contains(peerId);
  }

  void reset() {
    peersByStore.clear();
  }
}
