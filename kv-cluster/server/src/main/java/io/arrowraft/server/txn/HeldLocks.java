package io.arrowraft.server.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.txn.EarlyLocks;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/** The memory locks of one command. Passed from thread to thread with the command. */
final class HeldLocks implements EarlyLocks {
  private final MemoryLocks memoryLocks;
  private final long regionId;
  private final long term;
  private final long version;
  private final List<MemoryLocks.Held> held = new ArrayList<>();

  HeldLocks(MemoryLocks memoryLocks, long regionId, long term, long version) {
    this.memoryLocks = memoryLocks;
    this.regionId = regionId;
    this.term = term;
    this.version = version;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Refused while this leader does not know the reads that earlier ones have served (rule 36).
   */
  @Override
  public Lock hold(Bytes key, LongFunction<Lock> lock) {
    if (!memoryLocks.isSynced(regionId, term, version)) {
      throw RegionErrors.maxTimestampNotSynced(regionId);
    }
    MemoryLocks.Held taken = memoryLocks.hold(key, lock);
    held.add(taken);
    return taken.lock();
  }

  @Override
  public void release() {
    held.forEach(MemoryLocks.Held::close);
    held.clear();
  }
}
