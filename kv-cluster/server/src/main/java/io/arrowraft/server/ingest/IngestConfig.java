package io.arrowraft.server.ingest;

import java.time.Duration;

/**
 * Bounds of bulk import.
 *
 * @param threads that sort and write files
 * @param streamsMax streams that are open at a time; further ones are refused
 * @param stagedBytesMax files that wait to be ingested, in all
 * @param streamBytesMax keys and values of one stream
 * @param keyBytesMax longest key, plain
 * @param timeToLive how long a file waits
 * @param importModeMax how long import mode lasts unless it is asked for again
 */
public record IngestConfig(
    int threads,
    int streamsMax,
    long stagedBytesMax,
    long streamBytesMax,
    int keyBytesMax,
    Duration timeToLive,
    Duration importModeMax) {
  public IngestConfig {
    if (threads < 1 || streamsMax < 1 || keyBytesMax < 1) {
      throw new IllegalArgumentException(
          "threads, streamsMax and keyBytesMax must be positive: "
              + threads
              + ", "
              + streamsMax
              + ", "
              + keyBytesMax);
    }
    if (streamBytesMax < 1 || stagedBytesMax < streamBytesMax) {
      throw new IllegalArgumentException(
          "streamBytesMax must be positive and not above stagedBytesMax: "
              + streamBytesMax
              + ", "
              + stagedBytesMax);
    }
    if (timeToLive.isNegative() || timeToLive.isZero() || importModeMax.isNegative()) {
      throw new IllegalArgumentException(
          "timeToLive must be positive and importModeMax not negative: "
              + timeToLive
              + ", "
              + importModeMax);
    }
  }

  public static IngestConfig defaults() {
    return new IngestConfig(
        2, 64, 32L << 30, 512L << 20, 8 << 10, Duration.ofHours(6), Duration.ofMinutes(10));
  }

  /** The same with other bounds of bytes. */
  public IngestConfig withBytes(long staged, long stream) {
    return new IngestConfig(
        threads, streamsMax, staged, stream, keyBytesMax, timeToLive, importModeMax);
  }
}
