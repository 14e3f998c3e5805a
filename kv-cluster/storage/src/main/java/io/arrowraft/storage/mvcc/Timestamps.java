package io.arrowraft.storage.mvcc;

/**
 * Arithmetic on timestamps, which are unsigned: physical milliseconds times 2^18, plus a counter.
 */
public final class Timestamps {
  /** The greatest timestamp; reading at it means reading the latest committed data. */
  public static final long MAX = -1L;

  private static final int LOGICAL_BITS = 18;

  private Timestamps() {}

  public static boolean isAfter(long left, long right) {
    return Long.compareUnsigned(left, right) > 0;
  }

  public static long max(long left, long right) {
    return isAfter(left, right) ? left : right;
  }

  /** The physical part in milliseconds. */
  public static long physicalMillis(long timestamp) {
    return timestamp >>> LOGICAL_BITS;
  }

  public static long of(long physicalMillis, long logical) {
    return (physicalMillis << LOGICAL_BITS) + logical;
  }
}
