package io.arrowraft.server.store;

import java.time.Duration;

/**
 * Says how slow a store is, from 1 to 100: grows by up to its double in each interval in which more
 * than a few operations were slow, and falls steadily while none is. After TiKV's slow score.
 */
final class SlowScore {
  static final double MAX = 100;

  /** A share of slow operations from which on the score grows as fast as it can. */
  private static final double SHARE_FULL = 0.1;

  /** From the highest score down to the lowest takes this long without slow operations. */
  private static final Duration RECOVERY = Duration.ofMinutes(5);

  private double value = 1;

  /** Takes over what happened in an interval, and returns the new score. */
  int update(long operations, long slow, Duration interval) {
    if (slow == 0) {
      value = Math.max(1, value - MAX * interval.toMillis() / RECOVERY.toMillis());
    } else {
      double share = Math.min((double) slow / Math.max(operations, slow), SHARE_FULL) / SHARE_FULL;
      value = Math.min(MAX, value * (1 + share));
    }
    return (int) Math.round(value);
  }
}
