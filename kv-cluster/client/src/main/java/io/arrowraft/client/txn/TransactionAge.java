package io.arrowraft.client.txn;

import io.arrowraft.runtime.TimeSource;
import java.time.Duration;

/**
 * How long a transaction has been running. Lock lifetimes count from its start timestamp, so the
 * age goes on top of what a lock is meant to live from now.
 */
record TransactionAge(TimeSource time, long begunAtNanos) {
  static TransactionAge startingNow(TimeSource time) {
    return new TransactionAge(time, time.nanos());
  }

  Duration elapsed() {
    return Duration.ofNanos(time.nanos() - begunAtNanos);
  }

  /** The lifetime to write into a lock that shall live {@code fromNow}. */
  long lockTtlMillis(Duration fromNow) {
    return elapsed().plus(fromNow).toMillis();
  }
}
