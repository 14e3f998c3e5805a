package io.arrowraft.pd.http;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.proto.metapb.Peer;
import java.util.List;
import java.util.TreeMap;

/** What the regions add up to, for each store and in all. */
final class RegionCounts {

  /** What one store holds. */
  record OfStore(long regions, long leaders, long bytes, long leaderBytes) {
    private static final OfStore NOTHING = new OfStore(0, 0, 0, 0);

    private OfStore plus(boolean leads, long size) {
      return new OfStore(
          regions + 1, leaders + (leads ? 1 : 0), bytes + size, leaderBytes + (leads ? size : 0));
    }
  }

  private final TreeMap<Long, OfStore> stores = new TreeMap<>();
  private final long regions;
  private long leaderless;
  private long withDownPeers;
  private long withPendingPeers;
  private long withMissingPeers;

  /**
   * @param replicas peers that each region should have
   */
  RegionCounts(List<RegionInfo> all, int replicas) {
    regions = all.size();
    for (RegionInfo region : all) {
      for (Peer peer : region.peers()) {
        boolean leads = peer.getStoreId() == region.leaderStore();
        stores.put(peer.getStoreId(), of(peer.getStoreId()).plus(leads, region.approximateBytes()));
      }
      leaderless += region.leader().isEmpty() ? 1 : 0;
      withDownPeers += region.down().isEmpty() ? 0 : 1;
      withPendingPeers += region.pending().isEmpty() ? 0 : 1;
      withMissingPeers += region.peers().size() < replicas ? 1 : 0;
    }
  }

  OfStore of(long storeId) {
    return stores.getOrDefault(storeId, OfStore.NOTHING);
  }

  long regions() {
    return regions;
  }

  long leaderless() {
    return leaderless;
  }

  long withDownPeers() {
    return withDownPeers;
  }

  long withPendingPeers() {
    return withPendingPeers;
  }

  long withMissingPeers() {
    return withMissingPeers;
  }
}
