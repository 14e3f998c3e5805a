package io.arrowraft.pd.simulator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What has been moved, and whether anything was moved again too soon. */
final class Moves {
  private static final long TOO_SOON_NANOS = Duration.ofMinutes(10).toNanos();

  private final Map<Long, Long> lastAtNanos = new HashMap<>();
  private final List<Long> tooSoon = new ArrayList<>();
  private long count;
  private long mib;

  void add(long region, long regionMib, long atNanos) {
    Long before = lastAtNanos.put(region, atNanos);
    if (before != null && atNanos - before < TOO_SOON_NANOS) {
      tooSoon.add(region);
    }
    count++;
    mib += regionMib;
  }

  /** Regions that were moved twice within ten minutes. */
  List<Long> tooSoon() {
    return tooSoon;
  }

  long count() {
    return count;
  }

  long mib() {
    return mib;
  }
}
