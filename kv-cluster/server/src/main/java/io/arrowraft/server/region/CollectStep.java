package io.arrowraft.server.region;

import io.arrowraft.storage.engine.WriteBatch;
import java.util.List;

/**
 * Versions of a region to be removed together.
 *
 * @param safePoint nobody reads below it once this is applied
 * @param viewIndex the region's last entry in the view that the removals were computed from
 * @param removals keys as stored, all inside the region
 * @param garbageChange added to the region's count of garbage
 */
public record CollectStep(
    long safePoint, long viewIndex, List<WriteBatch.Operation> removals, long garbageChange) {
  public CollectStep {
    removals = List.copyOf(removals);
  }
}
