package io.arrowraft.server.peer;

/**
 * What snapshots may take of a store.
 *
 * @param sentMax on their way out at a time; a follower that finds no place asks again
 * @param receivedMax on their way in at a time; further ones are refused, and sent again later
 * @param bytesPerSecond of all that go out together, and of all that come in together
 * @param chunkBytes about how large a piece is
 */
public record SnapshotLimits(int sentMax, int receivedMax, long bytesPerSecond, long chunkBytes) {
  public SnapshotLimits {
    if (sentMax < 1 || receivedMax < 1) {
      throw new IllegalArgumentException(
          "sentMax and receivedMax must be positive: " + sentMax + ", " + receivedMax);
    }
    if (chunkBytes < 1 || bytesPerSecond < chunkBytes) {
      throw new IllegalArgumentException(
          "need 1 <= chunkBytes <= bytesPerSecond: " + chunkBytes + ", " + bytesPerSecond);
    }
  }

  /** 32 each way, 100 MiB/s, pieces of 1 MiB. */
  public static SnapshotLimits defaults() {
    return new SnapshotLimits(32, 32, 100L << 20, 1L << 20);
  }

  public SnapshotLimits withBytesPerSecond(long bytes) {
    return new SnapshotLimits(sentMax, receivedMax, bytes, chunkBytes);
  }

  public SnapshotLimits withCounts(int sent, int received) {
    return new SnapshotLimits(sent, received, bytesPerSecond, chunkBytes);
  }
}
