package io.arrowraft.server.merge;

import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.store.MergeState;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.server.state.MergedRegions;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.EngineReader;
import java.util.Optional;

/**
 * What will become of a merge that is prepared, as far as this store can tell from its own replica
 * of the target. The target takes the source in by an entry of its log that applies at one epoch
 * only, and remembers that it did: so one replica that has seen a later epoch knows for all.
 */
public enum MergeOutlook {
  /** The target can still take the source in. */
  OPEN,
  /** The target has changed otherwise and never will (correctness rule 21). */
  IMPOSSIBLE,
  /** It did, and this store has missed it. */
  DONE,
  /** The target is not here, or has forgotten. */
  UNKNOWN;

  /** The outlook of region {@code sourceId}, which is prepared for {@code merge}. */
  public static MergeOutlook of(EngineReader engine, long sourceId, MergeState merge) {
    Optional<RegionState> found = RegionRecords.regionState(engine, merge.getTarget().getId());
    if (found.isEmpty()) {
      return UNKNOWN;
    }
    RegionState target = found.get();
    if (MergedRegions.contains(target.getMergedList(), sourceId)) {
      return DONE;
    }
    return switch (target.getPhase()) {
      case NORMAL -> judge(target, merge);
      // It takes nothing in before it is rolled back, and then its epoch has moved.
      case MERGING -> isBefore(target, merge) ? OPEN : never(target);
      // What is being installed is not in force yet.
      case APPLYING -> OPEN;
      // One that its own log has ended has applied all that came before.
      case TOMBSTONE ->
          target.getRemovedIndex() != 0 || target.getMergedInto() != 0 ? never(target) : UNKNOWN;
      default -> UNKNOWN;
    };
  }

  private static MergeOutlook judge(RegionState target, MergeState merge) {
    if (!isAfter(target.getRegion().getRegionEpoch(), merge.getTarget().getRegionEpoch())) {
      return OPEN;
    }
    return never(target);
  }

  private static MergeOutlook never(RegionState target) {
    return MergedRegions.mayHaveForgotten(target.getMergedList()) ? UNKNOWN : IMPOSSIBLE;
  }

  /** A target that merges at an earlier epoch has been, or will be, rolled back before that one. */
  private static boolean isBefore(RegionState target, MergeState merge) {
    return isAfter(merge.getTarget().getRegionEpoch(), target.getRegion().getRegionEpoch());
  }

  private static boolean isAfter(RegionEpoch epoch, RegionEpoch expected) {
    return epoch.getVersion() > expected.getVersion() || epoch.getConfVer() > expected.getConfVer();
  }
}
