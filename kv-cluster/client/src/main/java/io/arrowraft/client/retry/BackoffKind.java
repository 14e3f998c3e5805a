package io.arrowraft.client.retry;

import java.time.Duration;

/** Why an attempt is repeated; waits grow from the first to the longest, doubling. */
public enum BackoffKind {
  /** A replica is not the leader, or does not know who is: an election may be running. */
  NOT_LEADER(5, 400),
  /** The region has split, moved or changed its peers. */
  REGION_MOVED(2, 400),
  /** No connection, or no answer in time. */
  STORE_UNREACHABLE(10, 500),
  /** A store is up but not ready for this region or request. */
  NOT_READY(5, 500),
  /** A store's queue is full. */
  SERVER_BUSY(50, 2000),
  /** A lock of another transaction that is alive. */
  LOCK(5, 500),
  /** A transaction lost against another one and runs again. */
  CONFLICT(2, 200),
  /** The placement driver does not answer, or has no leader. */
  PLACEMENT(20, 500);

  private final long firstMillis;
  private final long longestMillis;

  BackoffKind(long firstMillis, long longestMillis) {
    this.firstMillis = firstMillis;
    this.longestMillis = longestMillis;
  }

  /** The longest wait before attempt {@code attempt}, which counts from 0. */
  Duration ceiling(int attempt) {
    return Duration.ofMillis(
        attempt > 20 ? longestMillis : Math.min(longestMillis, firstMillis << attempt));
  }
}
