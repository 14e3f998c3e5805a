package io.arrowraft.server.peer;

import java.time.Duration;

/**
 * When a region is split because it is busy.
 *
 * @param requestsPerSecond reads, or writes, of one region; 0 switches splits by load off
 * @param bytesPerSecond read from, or written to, one region
 * @param sustained how long the load must last
 * @param interval how often it is measured
 */
public record LoadSplitConfig(
    long requestsPerSecond, long bytesPerSecond, Duration sustained, Duration interval) {
  public LoadSplitConfig {
    if (requestsPerSecond < 0 || bytesPerSecond < 1) {
      throw new IllegalArgumentException(
          "loads must be positive: requestsPerSecond="
              + requestsPerSecond
              + ", bytesPerSecond="
              + bytesPerSecond);
    }
    if (interval.isZero() || interval.isNegative() || sustained.compareTo(interval) < 0) {
      throw new IllegalArgumentException(
          "need 0 < interval <= sustained: " + interval + ", " + sustained);
    }
  }

  /** 3,000 requests or 30 MB a second for 10 s. */
  public static LoadSplitConfig defaults() {
    return new LoadSplitConfig(3_000, 30L << 20, Duration.ofSeconds(10), Duration.ofSeconds(1));
  }

  boolean isOn() {
    return requestsPerSecond > 0;
  }

  boolean isHot(double requests, double bytes) {
    return requests >= requestsPerSecond || bytes >= bytesPerSecond;
  }
}
