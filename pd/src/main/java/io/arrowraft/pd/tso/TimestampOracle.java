package io.arrowraft.pd.tso;

import java.util.OptionalLong;

/**
 * The arithmetic of the oracle, without clock, storage or waiting.
 *
 * <p>The caller saves the limit that {@link #tick} asks for, reports it by {@link #saved}, and asks
 * again later when {@link #allocate} has nothing to give.
 */
public final class TimestampOracle {
  /** Bits of the logical part. */
  public static final int LOGICAL_BITS = 18;

  /** Logical values in one millisecond, and so the most timestamps that one request may ask for. */
  public static final int LOGICAL_COUNT = 1 << LOGICAL_BITS;

  private final TimestampWindow window;
  private boolean serving;
  // The next timestamp is (physical, logical); everything below it may have been given out.
  private long physical;
  private int logical;
  private long durableLimit;
  private long requestedLimit;

  public TimestampOracle(TimestampWindow window) {
    this.window = window;
  }

  /**
   * Begins a leadership.
   *
   * @param foundLimit the durable limit of whoever led before, in milliseconds; 0 at the first
   *     start
   * @param now the clock, in milliseconds since the epoch
   * @return the limit to save before the first timestamp can be given
   */
  public long lead(long foundLimit, long now) {
    serving = true;
    physical = Math.max(now, foundLimit);
    logical = 0;
    durableLimit = foundLimit;
    requestedLimit = physical + window.ahead().toMillis();
    return requestedLimit;
  }

  /** Ends the leadership at once; the next one begins with {@link #lead}. */
  public void resign() {
    serving = false;
  }

  /** Whether timestamps may be given at all. */
  public boolean serving() {
    return serving;
  }

  /** Takes note that {@code limit} is durable. */
  public void saved(long limit) {
    durableLimit = Math.max(durableLimit, limit);
  }

  /** Takes note that the save asked for has failed, so that the next tick asks again. */
  public void saveFailed() {
    requestedLimit = durableLimit;
  }

  /**
   * Follows the clock.
   *
   * @param now milliseconds since the epoch
   * @return a limit to save, if it is time and none is being saved
   */
  public OptionalLong tick(long now) {
    if (!serving) {
      return OptionalLong.empty();
    }
    if (now > physical && now < durableLimit) {
      physical = now;
      logical = 0;
    }
    long ahead = Math.max(now, physical);
    boolean saving = requestedLimit > durableLimit;
    if (saving || durableLimit - ahead > window.refill().toMillis()) {
      return OptionalLong.empty();
    }
    requestedLimit = ahead + window.ahead().toMillis();
    return OptionalLong.of(requestedLimit);
  }

  /**
   * Gives out {@code count} timestamps that follow one another in their logical part.
   *
   * @return the last of them, or empty if they have to wait for the window
   * @throws IllegalArgumentException if {@code count} is not between 1 and {@link #LOGICAL_COUNT}
   * @throws IllegalStateException if this member does not lead
   */
  public OptionalLong allocate(int count) {
    if (count < 1 || count > LOGICAL_COUNT) {
      throw new IllegalArgumentException(
          "count of timestamps is " + count + ", must be between 1 and " + LOGICAL_COUNT);
    }
    if (!serving) {
      throw new IllegalStateException("timestamps were asked of a member that does not lead");
    }
    if (logical + count > LOGICAL_COUNT && physical + 1 < durableLimit) {
      physical++;
      logical = 0;
    }
    if (logical + count > LOGICAL_COUNT || physical >= durableLimit) {
      return OptionalLong.empty();
    }
    logical += count;
    return OptionalLong.of(physical << LOGICAL_BITS | (logical - 1));
  }
}
