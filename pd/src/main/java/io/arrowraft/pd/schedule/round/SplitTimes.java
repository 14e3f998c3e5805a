package io.arrowraft.pd.schedule.round;

import io.arrowraft.runtime.TimeSource;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.function.Supplier;

/**
 * Regions that came of a split a short while ago. What was split for a reason is not merged at
 * once. After a change of leaders nobody knows, and every region may have been.
 */
final class SplitTimes {
  private static final int REGIONS_MAX = 200_000;

  private final TimeSource time;
  private final Supplier<Duration> interval;
  private final LinkedHashMap<Long, Long> splitAtNanos = new LinkedHashMap<>();
  private long leadingSinceNanos;

  SplitTimes(TimeSource time, Supplier<Duration> interval) {
    this.time = time;
    this.interval = interval;
    this.leadingSinceNanos = time.nanos();
  }

  void reset() {
    splitAtNanos.clear();
    leadingSinceNanos = time.nanos();
  }

  void split(long regionId) {
    splitAtNanos.remove(regionId);
    splitAtNanos.put(regionId, time.nanos());
    long bound = interval.get().toNanos();
    Iterator<Long> eldest = splitAtNanos.values().iterator();
    while (eldest.hasNext()
        && (time.nanos() - eldest.next() >= bound || splitAtNanos.size() > REGIONS_MAX)) {
      eldest.remove();
    }
  }

  boolean isRecent(long regionId) {
    long bound = interval.get().toNanos();
    Long at = splitAtNanos.get(regionId);
    return time.nanos() - leadingSinceNanos < bound || (at != null && time.nanos() - at < bound);
  }
}
