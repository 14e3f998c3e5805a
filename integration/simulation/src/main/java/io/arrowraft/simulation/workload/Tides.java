package io.arrowraft.simulation.workload;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Counts out the operations of a {@link Pace}. */
public final class Tides {
  private final Pace pace;
  private final LongSupplier clock;
  private final long beganNanos;
  private long present;
  private int taken;

  /**
   * The first tide begins now.
   *
   * @param clock the world's
   */
  public Tides(Pace pace, LongSupplier clock) {
    this.pace = pace;
    this.clock = clock;
    this.beganNanos = clock.getAsLong();
  }

  /** The longest pause of a session between two operations. */
  Duration pauseMax() {
    return pace.pauseMax();
  }

  /** Zero if an operation may begin, which is counted; else how long it is until the next tide. */
  Duration admit() {
    long length = pace.tide().toNanos();
    long elapsed = clock.getAsLong() - beganNanos;
    if (elapsed / length != present) {
      present = elapsed / length;
      taken = 0;
    }
    if (taken < pace.operationsPerTide()) {
      taken++;
      return Duration.ZERO;
    }
    return Duration.ofNanos(length - elapsed % length);
  }
}
