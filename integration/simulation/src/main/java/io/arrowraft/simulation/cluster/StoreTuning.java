package io.arrowraft.simulation.cluster;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Limits that decide how soon stores split, compact and replace: with those of production a short
 * run would see none of that.
 *
 * @param splitBytes the size that regions are cut to
 * @param logCheckInterval how often logs are compacted
 * @param logEntriesKept applied entries that stay in a log
 * @param logEntriesMax a follower that lags further gets a snapshot
 * @param heartbeat how often a store reports itself
 * @param downAfter silence after which a store's replicas are replaced on another one
 */
public record StoreTuning(
    long splitBytes,
    Duration logCheckInterval,
    long logEntriesKept,
    long logEntriesMax,
    Duration heartbeat,
    Duration downAfter) {

  /** Splits by size and snapshots happen in short runs; stores are not given up. */
  public static StoreTuning defaults() {
    return new StoreTuning(
        16 << 10, Duration.ofSeconds(1), 16, 200, Duration.ofSeconds(1), Duration.ofMinutes(30));
  }

  /** Ticks without use after which a region falls asleep: as varied as the compaction of logs. */
  int restTicks() {
    return (int) Math.max(2, logCheckInterval.toMillis() / 100);
  }

  /** How often a store asks how far it may collect garbage. */
  Duration garbageInterval() {
    return logCheckInterval;
  }

  /** How often a store compares the replicas of one of its regions. */
  Duration consistencyInterval() {
    return logCheckInterval.multipliedBy(2);
  }

  /** What a seed draws. */
  public static StoreTuning drawn(RandomGenerator random) {
    long kept = random.nextInt(0, 64);
    return new StoreTuning(
        random.nextInt(2 << 10, 64 << 10),
        Duration.ofMillis(random.nextInt(200, 5_000)),
        kept,
        kept + random.nextInt(1, 500),
        Duration.ofMillis(random.nextInt(200, 1_500)),
        random.nextBoolean()
            ? Duration.ofMillis(random.nextInt(2_500, 10_000))
            : Duration.ofMinutes(30));
  }
}
