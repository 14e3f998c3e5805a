package io.arrowraft.server.flow;

import java.time.Duration;
import java.util.Objects;

/**
 * When a store slows new writes down and when it refuses them. Between soft and hard bounds writes
 * are let through at a falling rate.
 *
 * @param level0Files tables of one family that wait to be sorted in. The engine's own brakes begin
 *     at 40
 * @param fullBuffers write buffers of one family that wait to be flushed. The engine stops writers
 *     at 6
 * @param pendingCompactionBytes what compaction has still to rewrite
 * @param throttledBytesPerSecondMin the rate under throttling does not fall below this
 * @param delayMax a write that would have to wait longer for its turn is refused
 * @param queueDelayMax while writes queue up for longer than half of this, no more of them wait
 *     than are carried out within it
 * @param queuedWritesMin so many may always wait, however slow the store is
 * @param probeInterval how often the engine and the disk are looked at
 */
public record FlowLimits(
    Bounds level0Files,
    Bounds fullBuffers,
    Bounds pendingCompactionBytes,
    long throttledBytesPerSecondMin,
    Duration delayMax,
    Duration queueDelayMax,
    int queuedWritesMin,
    Duration probeInterval) {

  /**
   * @param soft above it writes are slowed down
   * @param hard from here on they are refused
   */
  public record Bounds(long soft, long hard) {
    public Bounds {
      if (soft < 0 || hard <= soft) {
        throw new IllegalArgumentException("need 0 <= soft < hard, not " + soft + ", " + hard);
      }
    }

    /** 0 up to the soft bound, 1 and more from the hard one. */
    double severity(long value) {
      return value <= soft ? 0 : (double) (value - soft) / (hard - soft);
    }
  }

  /** Where RocksDB's own brakes stand; see the options of the data engine. */
  private static final long ENGINE_LEVEL0_FILES = 40;

  private static final long ENGINE_BUFFERS = 6;

  public FlowLimits {
    Objects.requireNonNull(level0Files, "level0Files");
    Objects.requireNonNull(fullBuffers, "fullBuffers");
    Objects.requireNonNull(pendingCompactionBytes, "pendingCompactionBytes");
    if (level0Files.hard() >= ENGINE_LEVEL0_FILES || fullBuffers.hard() >= ENGINE_BUFFERS) {
      throw new IllegalArgumentException(
          "level0Files and fullBuffers must be refused before the engine stops everybody, at "
              + ENGINE_LEVEL0_FILES
              + " and "
              + ENGINE_BUFFERS
              + ", not at "
              + level0Files.hard()
              + " and "
              + fullBuffers.hard());
    }
    if (throttledBytesPerSecondMin < 1 || queuedWritesMin < 1) {
      throw new IllegalArgumentException(
          "throttledBytesPerSecondMin and queuedWritesMin must be positive: "
              + throttledBytesPerSecondMin
              + ", "
              + queuedWritesMin);
    }
    if (delayMax.isNegative()
        || queueDelayMax.compareTo(delayMax) <= 0
        || probeInterval.isNegative()
        || probeInterval.isZero()) {
      throw new IllegalArgumentException(
          "need 0 <= delayMax < queueDelayMax and a positive probeInterval: "
              + delayMax
              + ", "
              + queueDelayMax
              + ", "
              + probeInterval);
    }
  }

  public static FlowLimits defaults() {
    return new FlowLimits(
        new Bounds(20, 36),
        new Bounds(3, 5),
        new Bounds(32L << 30, 128L << 30),
        1L << 20,
        Duration.ofMillis(100),
        Duration.ofMillis(200),
        256,
        Duration.ofMillis(250));
  }

  public FlowLimits withLevel0Files(Bounds bounds) {
    return new FlowLimits(
        bounds,
        fullBuffers,
        pendingCompactionBytes,
        throttledBytesPerSecondMin,
        delayMax,
        queueDelayMax,
        queuedWritesMin,
        probeInterval);
  }

  public FlowLimits withFullBuffers(Bounds bounds) {
    return new FlowLimits(
        level0Files,
        bounds,
        pendingCompactionBytes,
        throttledBytesPerSecondMin,
        delayMax,
        queueDelayMax,
        queuedWritesMin,
        probeInterval);
  }

  public FlowLimits withPendingCompactionBytes(Bounds bounds) {
    return new FlowLimits(
        level0Files,
        fullBuffers,
        bounds,
        throttledBytesPerSecondMin,
        delayMax,
        queueDelayMax,
        queuedWritesMin,
        probeInterval);
  }

  public FlowLimits withQueue(Duration delay, int writesMin) {
    return new FlowLimits(
        level0Files,
        fullBuffers,
        pendingCompactionBytes,
        throttledBytesPerSecondMin,
        delayMax,
        delay,
        writesMin,
        probeInterval);
  }

  public FlowLimits withProbeInterval(Duration interval) {
    return new FlowLimits(
        level0Files,
        fullBuffers,
        pendingCompactionBytes,
        throttledBytesPerSecondMin,
        delayMax,
        queueDelayMax,
        queuedWritesMin,
        interval);
  }
}
