package io.arrowraft.server.gc;

import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.server.flow.FlowController;
import io.arrowraft.server.region.CollectStep;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.server.txn.KeyBounds;
import io.arrowraft.server.txn.SnapshotReads;
import io.arrowraft.server.txn.TxnReads;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.mvcc.EncodedRange;
import io.arrowraft.storage.mvcc.GarbageScan;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Removes versions of a region that is led here, a page at a time: reads a page, proposes its
 * removals in the term of the snapshot, waits until they are applied, rests. A visit that is cut
 * off leaves the region as it should be, only not as clean; the count of garbage is corrected by
 * the last command alone. Safe for use by any thread.
 */
final class VersionSweep {
  private static final Duration PAGE_BOUND = Duration.ofSeconds(20);
  private static final Duration BUSY_PAUSE = Duration.ofMillis(500);
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final RegionStore regions;
  private final SnapshotReads reads;
  private final FlowController flow;
  private final EventLoop timers;
  private final TimeSource time;
  private final GcConfig config;
  private final Counter removed;
  private volatile boolean stopped;

  /**
   * @param flow says when the engine is behind
   * @param removed counts records
   */
  VersionSweep(
      RegionStore regions,
      SnapshotReads reads,
      FlowController flow,
      EventLoop timers,
      TimeSource time,
      GcConfig config,
      Counter removed) {
    this.regions = regions;
    this.reads = reads;
    this.flow = flow;
    this.timers = timers;
    this.time = time;
    this.config = config;
    this.removed = removed;
  }

  /** One region's visit. */
  private record Run(RegionView region, long safePoint, EncodedRange range) {
    RegionRequest request(TimeSource time) {
      return new RegionRequest(
          region.region().getId(),
          region.region().getRegionEpoch(),
          region.peer(),
          0,
          false,
          false,
          Deadline.after(PAGE_BOUND, time));
    }
  }

  /** A page, the term that its snapshot was confirmed in, and the last entry in it. */
  private record Read(GarbageScan.Page page, long term, long index) {}

  /** Ends visits under way at their next page. */
  void stop() {
    stopped = true;
  }

  /**
   * Visits a region.
   *
   * @return fails if the region has moved
   */
  CompletionStage<Void> run(RegionView region, long safePoint) {
    Run run = new Run(region, safePoint, TxnReads.encoded(KeyBounds.of(region.region())));
    return page(run, GarbageScan.Position.startOf(run.range()), 0);
  }

  private CompletionStage<Void> page(Run run, GarbageScan.Position from, long leftBefore) {
    if (stopped) {
      return CompletableFuture.failedFuture(new IllegalStateException("the store stops"));
    }
    if (flow.severity() > 0) {
      return pause(BUSY_PAUSE).thenCompose(rested -> page(run, from, leftBefore));
    }
    long since = time.nanos();
    return reads
        .read(run.request(time), OwnCall.INSTANCE, snapshot -> look(snapshot, run, from))
        .thenCompose(
            read -> {
              GarbageScan.Page page = read.page();
              long left = leftBefore + page.left();
              return remove(run, read, left)
                  .thenCompose(
                      applied ->
                          page.rest().isEmpty()
                              ? CompletableFuture.completedFuture(null)
                              : pause(rest(page, time.nanos() - since))
                                  .thenCompose(rested -> page(run, page.rest().get(), left)));
            });
  }

  private Read look(RegionSnapshot snapshot, Run run, GarbageScan.Position from) {
    return new Read(
        GarbageScan.run(snapshot.data(), run.range(), run.safePoint(), from, config.page()),
        snapshot.term(),
        snapshot.appliedIndex());
  }

  private CompletionStage<Void> remove(Run run, Read read, long left) {
    GarbageScan.Page page = read.page();
    long correction = page.rest().isEmpty() ? left - run.region().garbage() : 0;
    if (page.writes().isEmpty() && correction == 0) {
      return CompletableFuture.completedFuture(null);
    }
    List<WriteBatch.Operation> removals = new ArrayList<>();
    page.writes().forEach(key -> removals.add(new WriteBatch.Delete(ColumnFamily.WRITE, key)));
    page.values().forEach(key -> removals.add(new WriteBatch.Delete(ColumnFamily.DEFAULT, key)));
    return regions
        .collect(
            run.request(time),
            read.term(),
            new CollectStep(run.safePoint(), read.index(), removals, correction))
        .thenRun(() -> removed.increment(page.writes().size()));
  }

  /** As long as the page has taken, and no less than the rate asks for. */
  private Duration rest(GarbageScan.Page page, long tookNanos) {
    long paid = page.writes().size() * SECOND_NANOS / config.removalsPerSecond();
    return Duration.ofNanos(Math.max(tookNanos, paid));
  }

  private CompletionStage<Void> pause(Duration span) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    timers.schedule(span, () -> over.complete(null));
    return over;
  }
}
