package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.ApplyState;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.runtime.InvariantViolation;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionLoad;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.state.RecentRegionState;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.EngineSnapshot;
import java.util.Optional;

/**
 * Opens engine views for reads. The region's range and epoch are read from the view itself, so that
 * a split applied a moment ago can never hand out a range that another region owns already.
 */
final class RegionReads {
  private final PeerContext context;
  private final long regionId;
  private final RegionLoad load;
  private final RecentRegionState recent;

  RegionReads(PeerContext context, long regionId, RegionLoad load) {
    this.context = context;
    this.regionId = regionId;
    this.load = load;
    this.recent = new RecentRegionState(regionId);
  }

  /** A view as of now, checked against the request's epoch. */
  RegionSnapshot open(RegionRequest request, long term) {
    EngineSnapshot data = context.engine().snapshot();
    try {
      Optional<RegionState> state = recent.in(data);
      if (state.isPresent() && state.get().getPhase() == RegionPhase.MERGING) {
        throw RegionErrors.merging(regionId);
      }
      if (state.isEmpty() || state.get().getPhase() != RegionPhase.NORMAL) {
        throw RegionErrors.regionNotFound(regionId);
      }
      Region region = state.get().getRegion();
      RequestChecks.version(request, region, context.directory());
      // Looked at after the view was taken: what removes versions raises it before.
      long safePoint = context.safePoint().timestamp();
      return new RegionSnapshot(region, term, () -> appliedIn(data), data, load, safePoint);
    } catch (RegionErrorException refusal) {
      data.close();
      throw refusal;
    } catch (CorruptDataException unreadable) {
      data.close();
      context
          .damaged()
          .reportHere(regionId, "its state cannot be read: " + unreadable.getMessage());
      throw RegionErrors.regionNotFound(regionId);
    }
  }

  private long appliedIn(EngineSnapshot data) {
    ApplyState applied =
        RegionRecords.applyState(data, regionId)
            .orElseThrow(
                () -> new InvariantViolation("a region has no apply state", "region", regionId));
    return applied.getAppliedIndex();
  }
}
