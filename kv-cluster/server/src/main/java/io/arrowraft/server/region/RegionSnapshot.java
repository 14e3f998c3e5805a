package io.arrowraft.server.region;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.storage.engine.EngineSnapshot;
import java.util.Objects;

/**
 * A frozen view of a store's engine together with the region it was taken for.
 *
 * @param region range and epoch as of this view
 * @param term the leader's term the view was confirmed in; a write computed from it names this
 *     term. For a replica read, the term the replica was in
 * @param appliedIndex the region's last log entry in this view
 * @param data the view, of the whole store
 * @param load told of what is read
 */
public record RegionSnapshot(
    Region region, long term, long appliedIndex, EngineSnapshot data, RegionLoad load)
    implements AutoCloseable {
  public RegionSnapshot {
    Objects.requireNonNull(region, "region");
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(load, "load");
  }

  /** A view whose reads nobody counts. */
  public RegionSnapshot(Region region, long term, long appliedIndex, EngineSnapshot data) {
    this(region, term, appliedIndex, data, new RegionLoad());
  }

  /** Releases the view; idempotent. */
  @Override
  public void close() {
    data.close();
  }
}
