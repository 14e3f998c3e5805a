package io.arrowraft.server.service;

import io.arrowraft.runtime.TimeSource;
import java.time.Duration;
import java.util.Optional;

/** So many lines in each second, and a count of those left out. Safe for use by any thread. */
final class LineBudget {
  private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();

  private final int perSecond;
  private final TimeSource time;
  private long secondBegan;
  private int taken;
  private long leftOut;

  LineBudget(int perSecond, TimeSource time) {
    this.perSecond = perSecond;
    this.time = time;
    this.secondBegan = time.nanos();
  }

  /** How many were left out since the last line; empty if this one is to be left out too. */
  synchronized Optional<Long> take() {
    long now = time.nanos();
    if (now - secondBegan >= SECOND_NANOS) {
      secondBegan = now;
      taken = 0;
    }
    if (taken >= perSecond) {
      leftOut++;
      return Optional.empty();
    }
    taken++;
    long before = leftOut;
    leftOut = 0;
    return Optional.of(before);
  }
}
