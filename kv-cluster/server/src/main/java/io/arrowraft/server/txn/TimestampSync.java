package io.arrowraft.server.txn;

import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.region.RegionView;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a leader that is new in its term, or whose region has just taken in another, learn of the
 * reads before it: a timestamp fetched now is after all that earlier leaders have served (rule 36).
 * Done when the first commit asks to be timed by the store. Safe for use by any thread.
 */
public final class TimestampSync {
  private static final Logger LOG = LoggerFactory.getLogger(TimestampSync.class);

  private final RegionStore regions;
  private final MemoryLocks memoryLocks;
  private final Supplier<? extends CompletionStage<Long>> timestamps;

  /**
   * @param timestamps asks the placement driver for a new timestamp
   */
  public TimestampSync(
      RegionStore regions,
      MemoryLocks memoryLocks,
      Supplier<? extends CompletionStage<Long>> timestamps) {
    this.regions = regions;
    this.memoryLocks = memoryLocks;
    this.timestamps = timestamps;
  }

  /**
   * Complete once it is settled for the term in which this store leads the region; never fails. A
   * command that finds the region not synced after that refuses.
   */
  public CompletionStage<Void> ensure(long regionId) {
    Optional<RegionView> leading = regions.region(regionId).filter(RegionView::isLeader);
    if (leading.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    // These come first: a timestamp fetched for older ones says nothing of what came between.
    long term = leading.get().term();
    long version = leading.get().region().getRegionEpoch().getVersion();
    if (memoryLocks.isSynced(regionId, term, version)) {
      return CompletableFuture.completedFuture(null);
    }
    return timestamps
        .get()
        .handle(
            (timestamp, failure) -> {
              if (failure == null) {
                memoryLocks.observeRead(timestamp);
                memoryLocks.synced(regionId, term, version);
              } else {
                LOG.debug("no timestamp to sync with: region={}", regionId, failure);
              }
              return null;
            });
  }
}
