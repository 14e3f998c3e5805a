package io.arrowraft.server.peer;

import java.time.Duration;
import java.util.Objects;

/**
 * Limits and intervals of a store's regions.
 *
 * @param splitBytes the size that regions are cut to; one grows to half as much again before
 * @param splitKeys the number of keys that regions are cut to, likewise
 * @param loadSplit when a region is split because it is busy
 * @param splitCheckInterval how often regions that were written to are looked at
 * @param entryBytesMax the largest write
 * @param requestsPerRegionMax requests to one region that may be under way on this store
 * @param snapshots what snapshots may take
 * @param sweepInterval how often waiting requests are checked for their deadlines
 * @param logCheckInterval how often logs are looked at for what can be compacted
 * @param logEntriesKept applied entries that stay in a log for followers that lag
 * @param logEntriesMax a follower that lags further gets a snapshot
 * @param staleAfter a replica that has known no leader for so long asks the placement driver
 *     whether it still belongs to its region
 * @param supervision what is watched of replicas and disk
 */
public record RegionConfig(
    long splitBytes,
    long splitKeys,
    LoadSplitConfig loadSplit,
    Duration splitCheckInterval,
    long entryBytesMax,
    int requestsPerRegionMax,
    SnapshotLimits snapshots,
    Duration sweepInterval,
    Duration logCheckInterval,
    long logEntriesKept,
    long logEntriesMax,
    Duration staleAfter,
    Supervision supervision) {
  public RegionConfig {
    Objects.requireNonNull(loadSplit, "loadSplit");
    Objects.requireNonNull(supervision, "supervision");
    if (splitKeys < 2) {
      throw new IllegalArgumentException(
          "a region of one key cannot be split: splitKeys=" + splitKeys);
    }
    Objects.requireNonNull(snapshots, "snapshots");
    if (splitBytes < 1 || entryBytesMax < 1) {
      throw new IllegalArgumentException(
          "sizes must be positive: splitBytes=" + splitBytes + ", entryBytesMax=" + entryBytesMax);
    }
    if (requestsPerRegionMax < 1) {
      throw new IllegalArgumentException(
          "requestsPerRegionMax must be positive, is " + requestsPerRegionMax);
    }
    if (logEntriesKept < 0 || logEntriesMax <= logEntriesKept) {
      throw new IllegalArgumentException(
          "need 0 <= logEntriesKept < logEntriesMax: " + logEntriesKept + ", " + logEntriesMax);
    }
  }

  public static RegionConfig defaults() {
    return new RegionConfig(
        96L << 20,
        2_560_000,
        LoadSplitConfig.defaults(),
        Duration.ofSeconds(2),
        8L << 20,
        8192,
        SnapshotLimits.defaults(),
        Duration.ofMillis(50),
        Duration.ofSeconds(10),
        1024,
        64 * 1024,
        Duration.ofSeconds(60),
        Supervision.defaults());
  }

  public RegionConfig withSplitBytes(long bytes) {
    return withSplits(bytes, splitKeys, loadSplit);
  }

  /** The same with other reasons to split. */
  public RegionConfig withSplits(long bytes, long keys, LoadSplitConfig load) {
    return new RegionConfig(
        bytes,
        keys,
        load,
        splitCheckInterval,
        entryBytesMax,
        requestsPerRegionMax,
        snapshots,
        sweepInterval,
        logCheckInterval,
        logEntriesKept,
        logEntriesMax,
        staleAfter,
        supervision);
  }

  public RegionConfig withRequestsPerRegion(int max) {
    return new RegionConfig(
        splitBytes,
        splitKeys,
        loadSplit,
        splitCheckInterval,
        entryBytesMax,
        max,
        snapshots,
        sweepInterval,
        logCheckInterval,
        logEntriesKept,
        logEntriesMax,
        staleAfter,
        supervision);
  }

  public RegionConfig withSnapshots(SnapshotLimits other) {
    return new RegionConfig(
        splitBytes,
        splitKeys,
        loadSplit,
        splitCheckInterval,
        entryBytesMax,
        requestsPerRegionMax,
        other,
        sweepInterval,
        logCheckInterval,
        logEntriesKept,
        logEntriesMax,
        staleAfter,
        supervision);
  }

  /** The same with other bounds of the log and of the time before a silent replica asks. */
  public RegionConfig withLog(Duration checkInterval, long kept, long max, Duration stale) {
    return new RegionConfig(
        splitBytes,
        splitKeys,
        loadSplit,
        splitCheckInterval,
        entryBytesMax,
        requestsPerRegionMax,
        snapshots,
        sweepInterval,
        checkInterval,
        kept,
        max,
        stale,
        supervision);
  }

  public RegionConfig withSupervision(Supervision other) {
    return new RegionConfig(
        splitBytes,
        splitKeys,
        loadSplit,
        splitCheckInterval,
        entryBytesMax,
        requestsPerRegionMax,
        snapshots,
        sweepInterval,
        logCheckInterval,
        logEntriesKept,
        logEntriesMax,
        staleAfter,
        other);
  }
}
