package io.arrowraft.server.gc;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pd.ResolvedRange;
import io.arrowraft.server.region.RegionView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was done for each region that is led here. Forgotten when the leadership goes, or the region
 * gets another range: doing it again is cheap. That locks were resolved stays true for the keys
 * they were resolved on, and is told also after that: else leaders that move more often than
 * reports are made would never be heard. Confined to the worker's loop.
 */
final class Ledger {
  private static final Duration BACKOFF_MAX = Duration.ofMinutes(1);

  /** Regions that are not led here any more and of which something is still to be told. */
  private static final int LEFT_MAX = 1024;

  private final TreeMap<Long, Entry> entries = new TreeMap<>();

  /** By region, of the range that it had then. */
  private final TreeMap<Long, ResolvedRange> swept = new TreeMap<>();

  private long nextReported;

  /** One region. */
  static final class Entry {
    private final long version;
    private long resolved;
    private long collected;
    private boolean busy;
    private int failures;
    private long notBeforeNanos;

    private Entry(Region region, long nowNanos) {
      version = region.getRegionEpoch().getVersion();
      notBeforeNanos = nowNanos;
    }

    /** Up to where its locks are resolved. */
    long resolved() {
      return resolved;
    }

    /** At which safe point it was visited last. */
    long collected() {
      return collected;
    }

    /** Whether something may be begun for it now. */
    boolean isFree(long nowNanos) {
      return !busy && nowNanos - notBeforeNanos >= 0;
    }

    void begin() {
      busy = true;
    }

    void resolved(long timestamp, long nowNanos, Duration again) {
      busy = false;
      failures = 0;
      notBeforeNanos = nowNanos + again.toNanos();
      resolved = max(resolved, timestamp);
    }

    void collected(long safePoint) {
      busy = false;
      failures = 0;
      collected = max(collected, safePoint);
    }

    void failed(long nowNanos, Duration pause) {
      busy = false;
      failures = Math.min(failures + 1, 10);
      long nanos = pause.toNanos() << Math.min(failures - 1, 6);
      notBeforeNanos = nowNanos + Math.min(nanos, BACKOFF_MAX.toNanos());
    }
  }

  /** Keeps the regions that are led here, and no others. */
  void keep(List<RegionView> led, long nowNanos) {
    TreeMap<Long, Entry> kept = new TreeMap<>();
    for (RegionView view : led) {
      Region region = view.region();
      Entry known = entries.get(region.getId());
      boolean same = known != null && known.version == region.getRegionEpoch().getVersion();
      kept.put(region.getId(), same ? known : new Entry(region, nowNanos));
    }
    entries.clear();
    entries.putAll(kept);
    boundWhatIsLeft();
  }

  private void boundWhatIsLeft() {
    long left = swept.keySet().stream().filter(id -> !entries.containsKey(id)).count();
    Iterator<Long> ids = swept.keySet().iterator();
    while (left > LEFT_MAX) {
      if (!entries.containsKey(ids.next())) {
        ids.remove();
        left--;
      }
    }
  }

  /**
   * Locks are resolved on the keys that {@code region}, as it was looked through, holds.
   *
   * @param timestamp up to where
   */
  void swept(Region region, long timestamp) {
    swept.put(
        region.getId(),
        ResolvedRange.newBuilder()
            .setStartKey(region.getStartKey())
            .setEndKey(region.getEndKey())
            .setResolved(timestamp)
            .build());
  }

  Entry of(long regionId) {
    return entries.get(regionId);
  }

  /** How many regions are not resolved up to {@code target}. */
  long lagging(long target) {
    return entries.values().stream().filter(entry -> isBelow(entry.resolved, target)).count();
  }

  /** Reports above {@code collectable}, those next whose turn it is. */
  List<ResolvedRange> reports(long collectable, int limit) {
    swept.values().removeIf(range -> !isBelow(collectable, range.getResolved()));
    List<ResolvedRange> reports = new ArrayList<>();
    Map.Entry<Long, ResolvedRange> at = swept.ceilingEntry(nextReported);
    while (reports.size() < Math.min(limit, swept.size())) {
      if (at == null) {
        at = swept.firstEntry();
      }
      reports.add(at.getValue());
      nextReported = at.getKey() + 1;
      at = swept.higherEntry(at.getKey());
    }
    return reports;
  }

  static boolean isBelow(long a, long b) {
    return Long.compareUnsigned(a, b) < 0;
  }

  private static long max(long a, long b) {
    return isBelow(a, b) ? b : a;
  }
}
