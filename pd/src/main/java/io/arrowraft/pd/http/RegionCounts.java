package io.arrowraft.pd.http;

import io.arrowraft.pd.region.RegionInfo;
import java.util.List;

/** What the regions add up to. */
final class RegionCounts {

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
      leaderless += region.leader().isEmpty() ? 1 : 0;
      withDownPeers += region.down().isEmpty() ? 0 : 1;
      withPendingPeers += region.pending().isEmpty() ? 0 : 1;
      withMissingPeers += region.peers().size() < replicas ? 1 : 0;
    }
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
