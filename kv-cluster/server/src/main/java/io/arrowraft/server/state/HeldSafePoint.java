package io.arrowraft.server.state;

import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineReader;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What garbage collection has passed on this store, as far as the store knows: below it no read is
 * served and no transaction writes. It never goes back, also not by a restart.
 *
 * <p>Whatever removes versions raises it first, and stores it in the same batch: who finds versions
 * missing in a view of the engine also finds the safe point raised that explains it. So a store
 * that has not heard of the placement driver for long, and leads all the same, cannot answer with
 * part of the data. Safe for use by any thread.
 */
public final class HeldSafePoint {
  private final AtomicLong timestamp;

  /** The highest that was written for itself; a later batch need not carry it. */
  private final AtomicLong stored;

  private HeldSafePoint(long stored) {
    this.timestamp = new AtomicLong(stored);
    this.stored = new AtomicLong(stored);
  }

  /** As stored. */
  public static HeldSafePoint of(EngineReader engine) {
    return new HeldSafePoint(RegionRecords.safePoint(engine));
  }

  /** 0 before the first one. */
  public long timestamp() {
    return timestamp.get();
  }

  /**
   * Raises it in memory, to be called before the engine's data says so.
   *
   * @return whether it was below
   */
  public boolean raise(long safePoint) {
    long known = timestamp.get();
    while (Long.compareUnsigned(safePoint, known) > 0) {
      if (timestamp.compareAndSet(known, safePoint)) {
        return true;
      }
      known = timestamp.get();
    }
    return false;
  }

  /** Raises it, and has it stored with whatever else is in the batch, if it is not stored yet. */
  public void raise(long safePoint, WriteBatch batch) {
    raise(safePoint);
    if (Long.compareUnsigned(safePoint, stored.get()) > 0) {
      RegionRecords.putSafePoint(batch, safePoint);
    }
  }

  /** Raises it and stores it on its own, not synced: writes that follow do not outlive it. */
  public void raise(long safePoint, Engine engine) {
    raise(safePoint);
    long before = stored.get();
    if (Long.compareUnsigned(safePoint, before) > 0) {
      WriteBatch batch = new WriteBatch();
      RegionRecords.putSafePoint(batch, safePoint);
      engine.write(batch, false);
      stored.accumulateAndGet(safePoint, (a, b) -> Long.compareUnsigned(a, b) >= 0 ? a : b);
      WriteBatch obsolete = new WriteBatch();
      RegionRecords.deleteSafePoint(obsolete, before);
      engine.write(obsolete, false);
    }
  }
}
