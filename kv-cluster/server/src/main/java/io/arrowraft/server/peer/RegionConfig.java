package io.arrowraft.server.peer;

import java.time.Duration;

/**
 * Limits and intervals of a store's regions.
 *
 * @param splitBytes the size that regions are cut to; one grows to half as much again before
 * @param splitCheckInterval how often regions that were written to are looked at
 * @param entryBytesMax the largest write
 * @param requestsPerRegionMax requests to one region that may be under way on this store
 * @param snapshotChunkBytes about how large a piece of a snapshot is
 * @param snapshotsMax snapshots that may be on their way out of this store
 * @param sweepInterval how often waiting requests are checked for their deadlines
 * @param logCheckInterval how often logs are looked at for what can be compacted
 * @param logEntriesKept applied entries that stay in a log for followers that lag
 * @param logEntriesMax a follower that lags further gets a snapshot
 * @param staleAfter a replica that has known no leader for so long asks the placement driver
 *     whether it still belongs to its region
 */
public record RegionConfig(
    long splitBytes,
    Duration splitCheckInterval,
    long entryBytesMax,
    int requestsPerRegionMax,
    long snapshotChunkBytes,
    int snapshotsMax,
    Duration sweepInterval,
    Duration logCheckInterval,
    long logEntriesKept,
    long logEntriesMax,
    Duration staleAfter) {
  public RegionConfig {
    if (splitBytes < 1 || entryBytesMax < 1 || snapshotChunkBytes < 1) {
      throw new IllegalArgumentException(
          "sizes must be positive: splitBytes="
              + splitBytes
              + ", entryBytesMax="
              + entryBytesMax
              + ", snapshotChunkBytes="
              + snapshotChunkBytes);
    }
    if (requestsPerRegionMax < 1 || snapshotsMax < 1) {
      throw new IllegalArgumentException(
          "bounds must be positive: requestsPerRegionMax="
              + requestsPerRegionMax
              + ", snapshotsMax="
              + snapshotsMax);
    }
    if (logEntriesKept < 0 || logEntriesMax <= logEntriesKept) {
      throw new IllegalArgumentException(
          "need 0 <= logEntriesKept < logEntriesMax: " + logEntriesKept + ", " + logEntriesMax);
    }
  }

  public static RegionConfig defaults() {
    return new RegionConfig(
        96L << 20,
        Duration.ofSeconds(2),
        8L << 20,
        8192,
        1L << 20,
        8,
        Duration.ofMillis(50),
        Duration.ofSeconds(10),
        1024,
        64 * 1024,
        Duration.ofSeconds(60));
  }

  public RegionConfig withSplitBytes(long bytes) {
    return new RegionConfig(
        bytes,
        splitCheckInterval,
        entryBytesMax,
        requestsPerRegionMax,
        snapshotChunkBytes,
        snapshotsMax,
        sweepInterval,
        logCheckInterval,
        logEntriesKept,
        logEntriesMax,
        staleAfter);
  }

  /** The same with other bounds of the log and of the time before a silent replica asks. */
  public RegionConfig withLog(Duration checkInterval, long kept, long max, Duration stale) {
    return new RegionConfig(
        splitBytes,
        splitCheckInterval,
        entryBytesMax,
        requestsPerRegionMax,
        snapshotChunkBytes,
        snapshotsMax,
        sweepInterval,
        checkInterval,
        kept,
        max,
        stale);
  }
}
