package io.arrowraft.server.peer;

import java.time.Duration;

/**
 * How fast a store compares the replicas of its regions by itself.
 *
 * @param round in which each region led here is compared once, if the rate allows; zero: never by
 *     itself
 * @param bytesPerSecond that a store hashes at most, whoever asks in the background
 */
public record ConsistencyPace(Duration round, long bytesPerSecond) {
  private static final long BYTES_PER_SECOND = 16L << 20;

  public ConsistencyPace {
    if (round.isNegative() || bytesPerSecond < 1) {
      throw new IllegalArgumentException(
          "round must not be negative and bytesPerSecond must be positive: "
              + round
              + ", "
              + bytesPerSecond);
    }
  }

  /** Each region once a day, at 16 MiB a second: about 400 GiB of replicas on one store. */
  public static ConsistencyPace defaults() {
    return within(Duration.ofDays(1));
  }

  public static ConsistencyPace within(Duration round) {
    return new ConsistencyPace(round, BYTES_PER_SECOND);
  }

  boolean isOn() {
    return !round.isZero();
  }

  /** How long hashing so many bytes takes. */
  Duration timeFor(long bytes) {
    return Duration.ofNanos((long) (Math.max(0, bytes) * 1e9 / bytesPerSecond));
  }
}
