package io.arrowraft.server.peer;

import io.arrowraft.raft.core.RaftStatus;
import io.arrowraft.runtime.EventLoop;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToLongFunction;

/**
 * How far logs are ahead of what has come of them, over the replicas of a store that are awake; one
 * that sleeps lags behind in nothing. Each loop looks at its own replicas and leaves what it found
 * to gauges, which any thread may read.
 */
final class LogLag {
  /**
   * Entries, over the replicas of one loop.
   *
   * @param applySum entries of the log that are not applied here
   * @param applyMax the same of the region that has most of them
   * @param followerSum entries that the slowest follower of a region led here does not have
   * @param followerMax the same of the region where it lacks most
   */
  record Entries(long applySum, long applyMax, long followerSum, long followerMax) {
    static final Entries NONE = new Entries(0, 0, 0, 0);

    private Entries with(RaftStatus status) {
      long notApplied = Math.max(0, status.lastIndex() - status.applied());
      long notReplicated =
          status.peers().stream()
              .mapToLong(peer -> Math.max(0, status.lastIndex() - peer.match()))
              .max()
              .orElse(0);
      return and(new Entries(notApplied, notApplied, notReplicated, notReplicated));
    }

    private Entries and(Entries other) {
      return new Entries(
          applySum + other.applySum,
          Math.max(applyMax, other.applyMax),
          followerSum + other.followerSum,
          Math.max(followerMax, other.followerMax));
    }
  }

  /** By loop name; the names never change. */
  private final Map<String, AtomicReference<Entries>> loops = new LinkedHashMap<>();

  LogLag(List<EventLoop> regionLoops, MeterRegistry meters) {
    regionLoops.forEach(loop -> loops.put(loop.name(), new AtomicReference<>(Entries.NONE)));
    gauge(
        meters,
        "apply_lag_entries",
        "Log entries here that are not applied, of all regions",
        Entries::applySum);
    gauge(
        meters,
        "apply_lag_max_entries",
        "Log entries here that are not applied, of the region that has most",
        Entries::applyMax);
    gauge(
        meters,
        "follower_lag_entries",
        "Log entries that the slowest follower lacks, of all regions led here",
        Entries::followerSum);
    gauge(
        meters,
        "follower_lag_max_entries",
        "Log entries that the slowest follower lacks, of the region led here where it lacks most",
        Entries::followerMax);
  }

  private void gauge(
      MeterRegistry meters, String noun, String description, ToLongFunction<Entries> which) {
    Gauge.builder("arrowraft_store_" + noun, this, lag -> which.applyAsLong(lag.now()))
        .description(description)
        .register(meters);
  }

  /** Looks at the replicas of a loop that are awake. On that loop. */
  void look(EventLoop loop, List<RegionPeer> awake) {
    Entries found = Entries.NONE;
    for (RegionPeer peer : awake) {
      if (peer.isServing()) {
        found = found.with(peer.group().status());
      }
    }
    loops.get(loop.name()).set(found);
  }

  /** As of the last looks. Any thread. */
  Entries now() {
    return loops.values().stream()
        .map(AtomicReference::get)
        .reduce(Entries.NONE, (one, other) -> one.and(other));
  }
}
