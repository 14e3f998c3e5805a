package io.arrowraft.server.gc;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pd.ResolvedRange;
import io.arrowraft.server.region.RegionView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was done for each region that is led here. Forgotten when the leadership goes, or the region
 * gets another range: doing it again is cheap. Confined to the worker's loop.
 */
final class Ledger {
  private static final Duration BACKOFF_MAX = Duration.ofMinutes(1);

  private final TreeMap<Long, Entry> entries = new TreeMap<>();
  private long nextReported;

  /** One region. */
  static final class Entry {
    private final long version;
    private final ByteString start;
    private final ByteString end;
    private long resolved;
    private long collected;
    private boolean busy;
    private int failures;
    private long notBeforeNanos;

    private Entry(Region region, long nowNanos) {
      version = region.getRegionEpoch().getVersion();
      start = region.getStartKey();
      end = region.getEndKey();
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
    List<ResolvedRange> reports = new ArrayList<>();
    Map.Entry<Long, Entry> at = entries.ceilingEntry(nextReported);
    for (int looked = 0; looked < entries.size() && reports.size() < limit; looked++) {
      if (at == null) {
        at = entries.firstEntry();
      }
      Entry entry = at.getValue();
      if (isBelow(collectable, entry.resolved)) {
        reports.add(
            ResolvedRange.newBuilder()
                .setStartKey(entry.start)
                .setEndKey(entry.end)
                .setResolved(entry.resolved)
                .build());
      }
      nextReported = at.getKey() + 1;
      at = entries.higherEntry(at.getKey());
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
