package io.arrowraft.bench;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;

/**
 * What became of the puts of one phase.
 *
 * @param seconds how long puts were sent
 * @param sent puts sent
 * @param good acknowledged within their deadline
 * @param p50Millis of those
 * @param p99Millis of those
 * @param others everything else by kind
 * @param reasons what the transport said of calls that failed
 * @param heapMaxMib most heap in use after a collection
 */
record OverloadFigures(
    double seconds,
    long sent,
    long good,
    double p50Millis,
    double p99Millis,
    Map<String, Long> others,
    Map<String, Long> reasons,
    long heapMaxMib) {
  static final String HEADING =
      "%-9s %10s %10s %8s %8s %9s  %s"
          .formatted("load", "offered/s", "good/s", "p50 ms", "p99 ms", "heap MiB", "not done");

  double goodput() {
    return good / seconds;
  }

  String line(String load) {
    return "%-9s %10.0f %10.0f %8.1f %8.1f %9d  %s"
        .formatted(load, sent / seconds, goodput(), p50Millis, p99Millis, heapMaxMib, others);
  }

  /** One line for each reason, or none. */
  String reasonLines() {
    StringBuilder lines = new StringBuilder();
    reasons.forEach((reason, count) -> lines.append("  %8d x %s%n".formatted(count, reason)));
    return lines.toString();
  }

  /** Gathers them; for use by any thread. */
  static final class Counting {
    private static final long LATENCY_MICROS_MAX = 120_000_000;

    private static final int REASONS_MAX = 8;

    private final Map<String, LongAdder> others = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> reasons = new ConcurrentHashMap<>();
    private final LongAdder sent = new LongAdder();
    private final Histogram latencies = new Histogram(LATENCY_MICROS_MAX, 3);

    void sent() {
      sent.increment();
    }

    void good(long micros) {
      synchronized (latencies) {
        latencies.recordValue(Math.min(micros, LATENCY_MICROS_MAX));
      }
    }

    /** Why a call failed, for people; of those that come first. */
    void reason(String text) {
      if (reasons.size() < REASONS_MAX || reasons.containsKey(text)) {
        reasons.computeIfAbsent(text, each -> new LongAdder()).increment();
      }
    }

    void other(String kind) {
      others.computeIfAbsent(kind, each -> new LongAdder()).increment();
    }

    OverloadFigures figures(double seconds, long heapMaxMib) {
      Map<String, Long> counted = new TreeMap<>();
      others.forEach((kind, count) -> counted.put(kind, count.sum()));
      Map<String, Long> said = new TreeMap<>();
      reasons.forEach((reason, count) -> said.put(reason, count.sum()));
      synchronized (latencies) {
        return new OverloadFigures(
            seconds,
            sent.sum(),
            latencies.getTotalCount(),
            latencies.getValueAtPercentile(50) / 1e3,
            latencies.getValueAtPercentile(99) / 1e3,
            counted,
            said,
            heapMaxMib);
      }
    }
  }
}
