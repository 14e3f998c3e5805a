package io.arrowraft.pd.operator;

import io.arrowraft.runtime.TimeSource;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;

/**
 * Regions whose peers were moved a short while ago. What has just found its place is left there, so
 * that schedulers with different aims cannot play ball with it.
 */
final class RecentMoves {
  private static final long REST_NANOS = Duration.ofMinutes(10).toNanos();
  private static final int REGIONS_MAX = 200_000;

  private final TimeSource time;
  private final LinkedHashMap<Long, Long> movedAtNanos = new LinkedHashMap<>();

  RecentMoves(TimeSource time) {
    this.time = time;
  }

  void add(long region) {
    movedAtNanos.remove(region);
    movedAtNanos.put(region, time.nanos());
    Iterator<Long> eldest = movedAtNanos.values().iterator();
    while (eldest.hasNext()
        && (time.nanos() - eldest.next() >= REST_NANOS || movedAtNanos.size() > REGIONS_MAX)) {
      eldest.remove();
    }
  }

  boolean contains(long region) {
    Long at = movedAtNanos.get(region);
    return at != null && time.nanos() - at < REST_NANOS;
  }

  void clear() {
    movedAtNanos.clear();
  }
}
