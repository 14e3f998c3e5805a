package io.arrowraft.runtime;

import java.time.Duration;

/**
 * An instant on a node's monotonic clock by which work must be over.
 *
 * @param atNanos the instant, on the scale of {@link TimeSource#nanos()}
 */
public record Deadline(long atNanos) {
  /** Far enough never to be met (146 years), near enough for differences not to overflow. */
  private static final long NEVER_NANOS = Long.MAX_VALUE / 2;

  /** The deadline that lies {@code timeout} after now. */
  public static Deadline after(Duration timeout, TimeSource time) {
    return new Deadline(time.nanos() + Math.min(NEVER_NANOS, saturatedNanos(timeout)));
  }

  /** Time left, zero if none. */
  public Duration remaining(TimeSource time) {
    return Duration.ofNanos(Math.max(0, atNanos - time.nanos()));
  }

  public boolean isExpired(TimeSource time) {
    return atNanos - time.nanos() <= 0;
  }

  /** The earlier of two deadlines. */
  public Deadline min(Deadline other) {
    return atNanos - other.atNanos <= 0 ? this : other;
  }

  private static long saturatedNanos(Duration duration) {
    try {
      return duration.toNanos();
    } catch (ArithmeticException beyondLong) {
      return NEVER_NANOS;
    }
  }
}
