package io.arrowraft.server.peer;

import io.arrowraft.runtime.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps the snapshots of a store within their limits: how many are under way, how fast they go, and
 * whether there is room for another. Safe for use by any thread.
 */
public final class SnapshotBudget {
  /** A snapshot lies on the disk twice for a moment: as it came, and installed. */
  private static final int COPIES = 2;

  private final TimeSource time;
  private final AtomicInteger sending = new AtomicInteger();
  private final AtomicInteger receiving = new AtomicInteger();
  private final Pace out = new Pace();
  private final Pace in = new Pace();
  private volatile SnapshotLimits limits;
  private volatile long roomBytes = Long.MAX_VALUE;

  SnapshotBudget(SnapshotLimits limits, TimeSource time) {
    this.limits = limits;
    this.time = time;
  }

  public SnapshotLimits limits() {
    return limits;
  }

  /** Changes the limits of a running store; what is under way goes on. */
  public void use(SnapshotLimits changed) {
    limits = changed;
  }

  /** Tells how many bytes snapshots may still bring. */
  public void observeRoom(long bytes) {
    roomBytes = bytes;
  }

  boolean beginSending() {
    return begin(sending, limits.sentMax());
  }

  void endSending() {
    sending.decrementAndGet();
  }

  boolean beginReceiving() {
    return begin(receiving, limits.receivedMax());
  }

  void endReceiving() {
    receiving.decrementAndGet();
  }

  /** How many are on their way out. */
  int sending() {
    return sending.get();
  }

  /** How many are on their way in. */
  int receiving() {
    return receiving.get();
  }

  private static boolean begin(AtomicInteger count, int max) {
    if (count.incrementAndGet() > max) {
      count.decrementAndGet();
      return false;
    }
    return true;
  }

  /** Whether a region of this size finds room. */
  boolean hasRoomFor(long bytes) {
    return Math.max(0, bytes) <= roomBytes / COPIES;
  }

  /** Takes {@code bytes} out of what may be sent; to be sent after this long. */
  Duration paceOut(long bytes) {
    return out.take(bytes);
  }

  /** Takes {@code bytes} out of what may be received; more may be asked for after this long. */
  Duration paceIn(long bytes) {
    return in.take(bytes);
  }

  /** One direction. */
  private final class Pace {
    private long paidUntilNanos;
    private boolean begun;

    synchronized Duration take(long bytes) {
      long now = time.nanos();
      long turn = begun ? Math.max(now, paidUntilNanos) : now;
      begun = true;
      paidUntilNanos = turn + (long) (bytes * 1e9 / limits.bytesPerSecond());
      return Duration.ofNanos(turn - now);
    }
  }
}
