package io.arrowraft.server.lockwait;

import java.time.Duration;
import java.util.Objects;

/**
 * Bounds of waiting for locks.
 *
 * @param waitMax how long a request waits at most, and if it does not say how long; clients ask
 *     again after it
 * @param waitersMax how many requests may wait on a store
 */
public record LockWaitLimits(Duration waitMax, int waitersMax) {
  public LockWaitLimits {
    Objects.requireNonNull(waitMax, "waitMax");
    if (waitMax.isNegative() || waitMax.isZero() || waitersMax < 1) {
      throw new IllegalArgumentException(
          "limits must be positive: waitMax=" + waitMax + ", waitersMax=" + waitersMax);
    }
  }

  public static LockWaitLimits defaults() {
    return new LockWaitLimits(Duration.ofSeconds(1), 10_000);
  }
}
