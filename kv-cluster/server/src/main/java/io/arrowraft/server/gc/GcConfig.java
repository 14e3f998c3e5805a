package io.arrowraft.server.gc;

import io.arrowraft.storage.mvcc.GarbageScan;
import java.time.Duration;
import java.util.Objects;

/**
 * How a store collects garbage.
 *
 * @param interval how often the placement driver is asked, and regions are looked at
 * @param regionsAtOnce regions whose locks are looked at together
 * @param callTimeout of a question to another store
 * @param page how much is removed by one command
 * @param removalsPerSecond records removed, at most
 * @param garbageRatio which part of a region's versions may be garbage before it is visited
 */
public record GcConfig(
    Duration interval,
    int regionsAtOnce,
    Duration callTimeout,
    GarbageScan.Limits page,
    int removalsPerSecond,
    double garbageRatio) {
  public GcConfig {
    Objects.requireNonNull(page, "page");
    if (interval.isZero() || interval.isNegative()) {
      throw new IllegalArgumentException("interval must be positive, is " + interval);
    }
    if (callTimeout.isZero() || callTimeout.isNegative()) {
      throw new IllegalArgumentException("callTimeout must be positive, is " + callTimeout);
    }
    if (regionsAtOnce < 1 || removalsPerSecond < 1) {
      throw new IllegalArgumentException(
          "garbage collection needs room: regionsAtOnce="
              + regionsAtOnce
              + ", removalsPerSecond="
              + removalsPerSecond);
    }
    if (!(garbageRatio >= 0 && garbageRatio < 1)) {
      throw new IllegalArgumentException(
          "garbageRatio must be from 0 to below 1, is " + garbageRatio);
    }
  }

  public static GcConfig defaults() {
    return new GcConfig(
        Duration.ofSeconds(10),
        4,
        Duration.ofSeconds(5),
        new GarbageScan.Limits(512, 10_000),
        100_000,
        0.1);
  }

  public GcConfig withInterval(Duration other) {
    return new GcConfig(other, regionsAtOnce, callTimeout, page, removalsPerSecond, garbageRatio);
  }

  public GcConfig withPage(GarbageScan.Limits other) {
    return new GcConfig(
        interval, regionsAtOnce, callTimeout, other, removalsPerSecond, garbageRatio);
  }
}
