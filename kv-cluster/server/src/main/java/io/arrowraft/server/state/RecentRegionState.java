package io.arrowraft.server.state;

import io.arrowraft.proto.store.RegionState;
import io.arrowraft.storage.engine.EngineReader;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads one region's state again and again, out of one view after the other, and decodes it only
 * when it has changed. Safe for use by any thread.
 */
public final class RecentRegionState {
  private final long regionId;
  private volatile Decoded last = new Decoded(new byte[0], null);

  private record Decoded(byte[] stored, RegionState state) {}

  public RecentRegionState(long regionId) {
    this.regionId = regionId;
  }

  /** As {@link RegionRecords#regionState}. */
  public Optional<RegionState> in(EngineReader engine) {
    byte[] stored = RegionRecords.storedRegionState(engine, regionId);
    if (stored == null) {
      return Optional.empty();
    }
    Decoded known = last;
    if (!Arrays.equals(stored, known.stored())) {
      known = new Decoded(stored, Versioned.decode(stored, RegionState.parser()));
      last = known;
    }
    return Optional.of(known.state());
  }
}
