package io.arrowraft.pd.operator;

import io.arrowraft.runtime.TimeSource;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Regions that were moved a short while ago, and between which stores, so that schedulers with
 * different aims cannot play ball with a region: what has just come to a store stays there, and
 * does not go back to where it came from.
 */
final class RecentMoves {
  private static final long REST_NANOS = Duration.ofMinutes(10).toNanos();
  private static final int REGIONS_MAX = 200_000;

  /** When one region last came to stores, and when it last left stores. */
  private static final class Region {
    private final TreeMap<Long, Long> cameAtNanos = new TreeMap<>();
    private final TreeMap<Long, Long> leftAtNanos = new TreeMap<>();
    private long atNanos;
  }

  private final TimeSource time;
  private final LinkedHashMap<Long, Region> moved = new LinkedHashMap<>();

  RecentMoves(TimeSource time) {
    this.time = time;
  }

  void add(Operator operator) {
    long now = time.nanos();
    Region region = moved.remove(operator.regionId());
    if (region == null) {
      region = new Region();
    }
    region.atNanos = now;
    region.cameAtNanos.values().removeIf(this::isLongAgo);
    region.leftAtNanos.values().removeIf(this::isLongAgo);
    for (Step step : operator.steps()) {
      if (step instanceof Step.AddLearner add) {
        region.cameAtNanos.put(add.peer().getStoreId(), now);
      } else if (step instanceof Step.RemovePeer remove) {
        region.leftAtNanos.put(remove.peer().getStoreId(), now);
      }
    }
    moved.put(operator.regionId(), region);
    Iterator<Region> eldest = moved.values().iterator();
    while (eldest.hasNext() && (isLongAgo(eldest.next().atNanos) || moved.size() > REGIONS_MAX)) {
      eldest.remove();
    }
  }

  boolean contains(long region) {
    Region known = moved.get(region);
    return known != null && !isLongAgo(known.atNanos);
  }

  /** Whether a move would take a peer from where it has just come, or bring one back. */
  boolean wouldUndo(long region, long from, long to) {
    Region known = moved.get(region);
    return known != null && (isRecent(known.cameAtNanos, from) || isRecent(known.leftAtNanos, to));
  }

  void clear() {
    moved.clear();
  }

  private boolean isRecent(Map<Long, Long> stores, long store) {
    Long at = stores.get(store);
    return at != null && !isLongAgo(at);
  }

  private boolean isLongAgo(long atNanos) {
    return time.nanos() - atNanos >= REST_NANOS;
  }
}
