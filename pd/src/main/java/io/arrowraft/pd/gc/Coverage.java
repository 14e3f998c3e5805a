package io.arrowraft.pd.gc;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.region.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far locks are resolved, for each key: the highest that was said. The whole key space is
 * divided at all times; a key of which nothing was heard is at 0.
 */
final class Coverage {
  /** By where the span starts; it ends where the next one starts. */
  private final TreeMap<ByteString, Long> spans = new TreeMap<>(Keys.ORDER);

  /**
   * A range of keys.
   *
   * @param end exclusive; empty for the end of the key space
   */
  record Span(ByteString start, ByteString end, long resolved) {}

  Coverage() {
    spans.put(ByteString.EMPTY, 0L);
  }

  /** Forgets everything. */
  void reset() {
    spans.clear();
    spans.put(ByteString.EMPTY, 0L);
  }

  /**
   * Raises a range.
   *
   * @param end exclusive; empty for the end of the key space
   */
  void add(ByteString start, ByteString end, long resolved) {
    if (!end.isEmpty() && Keys.compare(start, end) >= 0) {
      return;
    }
    cutAt(start);
    if (!end.isEmpty()) {
      cutAt(end);
    }
    var within = end.isEmpty() ? spans.tailMap(start, true) : spans.subMap(start, true, end, false);
    within.replaceAll((at, known) -> max(known, resolved));
    join(start, end);
  }

  private void cutAt(ByteString key) {
    spans.putIfAbsent(key, spans.floorEntry(key).getValue());
  }

  /** Neighbours that are equally far are one: what is kept is bounded by the number of regions. */
  private void join(ByteString start, ByteString end) {
    ByteString at = start;
    while (at != null && (end.isEmpty() || Keys.compare(at, end) <= 0)) {
      Map.Entry<ByteString, Long> before = spans.lowerEntry(at);
      if (before != null && before.getValue().equals(spans.get(at))) {
        spans.remove(at);
      }
      at = spans.higherKey(at);
    }
  }

  /** How far the whole key space is. */
  long lowest() {
    long lowest = -1L;
    for (long resolved : spans.values()) {
      lowest = Long.compareUnsigned(resolved, lowest) < 0 ? resolved : lowest;
    }
    return lowest;
  }

  /** Spans that are not as far as {@code target}, in key order. */
  List<Span> behind(long target, int limit) {
    List<Span> behind = new ArrayList<>();
    for (Map.Entry<ByteString, Long> span : spans.entrySet()) {
      if (behind.size() == limit) {
        break;
      }
      if (Long.compareUnsigned(span.getValue(), target) < 0) {
        ByteString next = spans.higherKey(span.getKey());
        behind.add(
            new Span(span.getKey(), next == null ? ByteString.EMPTY : next, span.getValue()));
      }
    }
    return behind;
  }

  int size() {
    return spans.size();
  }

  private static long max(long a, long b) {
    return Long.compareUnsigned(a, b) >= 0 ? a : b;
  }
}
