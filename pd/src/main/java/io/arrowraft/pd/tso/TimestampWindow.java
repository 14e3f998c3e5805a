package io.arrowraft.pd.tso;

import java.time.Duration;

/**
 * Settings of the oracle.
 *
 * @param ahead how far ahead of the clock the durable limit is set
 * @param refill the limit is renewed when it is closer than this
 * @param tick how often the physical part follows the clock
 */
public record TimestampWindow(Duration ahead, Duration refill, Duration tick) {
  public TimestampWindow {
    if (tick.isNegative() || tick.isZero()) {
      throw new IllegalArgumentException("timestamp tick must be positive, is " + tick);
    }
    if (refill.compareTo(tick.multipliedBy(2)) < 0) {
      throw new IllegalArgumentException(
          "timestamp window must be refilled at least two ticks ahead: refill "
              + refill
              + ", tick "
              + tick);
    }
    if (ahead.compareTo(refill.multipliedBy(2)) < 0) {
      throw new IllegalArgumentException(
          "timestamp window must reach twice as far as its refill mark: ahead "
              + ahead
              + ", refill "
              + refill);
    }
  }

  /** Four seconds ahead, renewed at two, ticks of 50 ms. */
  public static TimestampWindow defaults() {
    return new TimestampWindow(Duration.ofSeconds(4), Duration.ofSeconds(2), Duration.ofMillis(50));
  }
}
