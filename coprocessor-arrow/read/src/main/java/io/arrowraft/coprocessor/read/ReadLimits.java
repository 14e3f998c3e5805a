package io.arrowraft.coprocessor.read;

import java.time.Duration;

/**
 * Bounds of one reader.
 *
 * @param prefetchBatches batches that each open stream may have under way
 * @param streamsMax regions that are read at once; their results are handed out in key order
 * @param heldBytesMax most that is held back until a region says what it covers
 * @param batchTimeout most that {@link TableReader#next()} waits for a store to say something
 * @param retryTimeout most that all waits between attempts may take together
 * @param streamTimeout most that one region may take
 */
public record ReadLimits(
    int prefetchBatches,
    int streamsMax,
    long heldBytesMax,
    Duration batchTimeout,
    Duration retryTimeout,
    Duration streamTimeout) {
  public ReadLimits {
    if (prefetchBatches < 1 || streamsMax < 1 || heldBytesMax < 1) {
      throw new IllegalArgumentException(
          "a reader needs room: prefetchBatches="
              + prefetchBatches
              + ", streamsMax="
              + streamsMax
              + ", heldBytesMax="
              + heldBytesMax);
    }
    if (batchTimeout.isNegative() || batchTimeout.isZero()) {
      throw new IllegalArgumentException("batchTimeout must be positive but is " + batchTimeout);
    }
  }

  /** 4 batches, 2 regions, 256 MiB, a minute for waits and retries, an hour for a region. */
  public static ReadLimits defaults() {
    return new ReadLimits(
        4, 2, 256L << 20, Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofHours(1));
  }

  public ReadLimits withPrefetchBatches(int batches) {
    return new ReadLimits(
        batches, streamsMax, heldBytesMax, batchTimeout, retryTimeout, streamTimeout);
  }

  /** The same bound for the wait for a batch and for all waits between attempts. */
  public ReadLimits withTimeout(Duration timeout) {
    return new ReadLimits(
        prefetchBatches, streamsMax, heldBytesMax, timeout, timeout, streamTimeout);
  }
}
