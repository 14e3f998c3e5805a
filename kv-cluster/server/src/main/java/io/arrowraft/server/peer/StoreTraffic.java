package io.arrowraft.server.peer;

import io.arrowraft.proto.pdpb.PeerStat;
import io.arrowraft.server.region.LoadCounts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** What all regions of a store did since the last report. Safe for use by any thread. */
final class StoreTraffic {
  /** Regions named by each measure. */
  private static final int HOT_MAX = 32;

  private LoadCounts total = new LoadCounts();
  private TreeMap<Long, LoadCounts> byRegion = new TreeMap<>();

  /**
   * @param hot the busiest regions
   */
  record Report(LoadCounts total, List<PeerStat> hot) {}

  synchronized void add(long regionId, LoadCounts counts) {
    total.add(counts);
    byRegion.computeIfAbsent(regionId, none -> new LoadCounts()).add(counts);
  }

  synchronized Report take() {
    Report report = new Report(total, hot());
    total = new LoadCounts();
    byRegion = new TreeMap<>();
    return report;
  }

  private List<PeerStat> hot() {
    Set<Long> chosen = new LinkedHashSet<>();
    choose(chosen, counts -> counts.reads() + counts.writes());
    choose(chosen, LoadCounts::bytesRead);
    choose(chosen, LoadCounts::bytesWritten);
    List<PeerStat> stats = new ArrayList<>();
    for (long regionId : chosen) {
      LoadCounts counts = byRegion.get(regionId);
      stats.add(
          PeerStat.newBuilder()
              .setRegionId(regionId)
              .setReadKeys(counts.keysRead())
              .setReadBytes(counts.bytesRead())
              .setWrittenKeys(counts.keysWritten())
              .setWrittenBytes(counts.bytesWritten())
              .setQueryStats(counts.toProto())
              .build());
    }
    return stats;
  }

  private void choose(Set<Long> chosen, ToLongFunction<LoadCounts> measure) {
    byRegion.entrySet().stream()
        .filter(each -> measure.applyAsLong(each.getValue()) > 0)
        .sorted(
            Comparator.comparingLong(
                    (Map.Entry<Long, LoadCounts> each) -> measure.applyAsLong(each.getValue()))
                .reversed())
        .limit(HOT_MAX)
        .forEach(each -> chosen.add(each.getKey()));
  }
}
