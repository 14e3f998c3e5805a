package io.arrowraft.raft;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the recent entries of all groups of a node may hold together. Each group has a bound of its
 * own beside it; this one keeps thousands of groups with little each from holding much together.
 * Safe for use by any thread.
 */
public final class LogCache {
  private final long bytesMax;
  private final AtomicLong bytes = new AtomicLong();

  public LogCache(long bytesMax) {
    if (bytesMax < 0) {
      throw new IllegalArgumentException("bytesMax must not be negative: " + bytesMax);
    }
    this.bytesMax = bytesMax;
  }

  /** Bytes held now. */
  public long bytes() {
    return bytes.get();
  }

  void add(long delta) {
    bytes.addAndGet(delta);
  }

  /** Whether groups should let go of what they can read from the store. */
  boolean isOver() {
    return bytes.get() > bytesMax;
  }
}
