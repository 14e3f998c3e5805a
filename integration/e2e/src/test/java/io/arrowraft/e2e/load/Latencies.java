package io.arrowraft.e2e.load;

import java.time.Duration;
import java.util.Arrays;

/** How long operations took. Safe for use by any thread. */
public final class Latencies {
  private long[] nanos = new long[1 << 16];
  private int count;

  public synchronized void record(long took) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * count);
    }
    nanos[count++] = took;
  }

  public synchronized int count() {
    return count;
  }

  /**
   * The time within which this share of the operations ended; zero if there were none.
   *
   * @param share between 0 and 1
   */
  public synchronized Duration quantile(double share) {
    if (count == 0) {
      return Duration.ZERO;
    }
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    return Duration.ofNanos(sorted[(int) Math.min(count - 1L, (long) Math.ceil(share * count))]);
  }

  public String describe() {
    return "%d operations, p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, longest %.1f ms"
        .formatted(count(), millis(0.5), millis(0.99), millis(0.999), millis(1));
  }

  private double millis(double share) {
    return quantile(share).toNanos() / 1e6;
  }
}
