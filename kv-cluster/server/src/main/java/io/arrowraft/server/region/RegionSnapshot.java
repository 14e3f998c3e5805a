package io.arrowraft.server.region;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.storage.engine.EngineSnapshot;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * A frozen view of a store's engine together with the region it was taken for.
 *
 * @param region range and epoch as of this view
 * @param term the leader's term the view was confirmed in; a write computed from it names this
 *     term. For a replica read, the term the replica was in
 * @param applied reads the region's last log entry in this view
 * @param data the view, of the whole store
 * @param load told of what is read
 * @param safePoint versions below it may be missing
 */
public record RegionSnapshot(
    Region region,
    long term,
    LongSupplier applied,
    EngineSnapshot data,
    RegionLoad load,
    long safePoint)
    implements AutoCloseable {
  public RegionSnapshot {
    Objects.requireNonNull(region, "region");
    Objects.requireNonNull(applied, "applied");
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(load, "load");
  }

  /** A view whose reads nobody counts. */
  public RegionSnapshot(Region region, long term, long appliedIndex, EngineSnapshot data) {
    this(region, term, () -> appliedIndex, data, new RegionLoad(), 0);
  }

  /** The region's last log entry in this view, which must be open. */
  public long appliedIndex() {
    return applied.getAsLong();
  }

  /**
   * Refuses a read that may find only part of its data.
   *
   * @throws SafePointPassedException if garbage collection has passed the timestamp
   */
  public void requireReadable(long readTs) {
    if (Long.compareUnsigned(readTs, safePoint) < 0) {
      throw new SafePointPassedException("the read at", readTs, safePoint);
    }
  }

  /**
   * Refuses a transaction that would not find the records of its own rollback, or of what it
   * conflicts with.
   *
   * @throws SafePointPassedException if garbage collection has passed the start timestamp
   */
  public void requireWritable(long startTs) {
    if (safePoint != 0 && Long.compareUnsigned(startTs, safePoint) <= 0) {
      throw new SafePointPassedException("the transaction started at", startTs, safePoint);
    }
  }

  /** Releases the view; idempotent. */
  @Override
  public void close() {
    data.close();
  }
}
