package io.arrowraft.server.snapshot;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.ApplyState;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionHash;
import io.arrowraft.server.state.DataFamilies;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.arrowraft.storage.engine.IterateOptions;
import java.util.Optional;

/** Digests a region's data (FNV-1a, 64 bits, over lengths and bytes), to compare replicas. */
public final class RegionHasher {
  private static final long OFFSET_BASIS = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  private long hash = OFFSET_BASIS;
  private long keys;

  private RegionHasher() {}

  /**
   * Hashes a region as it is now.
   *
   * @throws io.arrowraft.server.region.RegionErrorException if it is not here with its data
   */
  public static RegionHash hash(Engine engine, long regionId) {
    try (EngineSnapshot data = engine.snapshot()) {
      return hash(data, regionId);
    }
  }

  /**
   * Hashes a region as it is in a view.
   *
   * @throws io.arrowraft.server.region.RegionErrorException if it is not there with its data
   */
  public static RegionHash hash(EngineSnapshot data, long regionId) {
    Optional<RegionState> state = RegionRecords.regionState(data, regionId);
    Optional<ApplyState> applied = RegionRecords.applyState(data, regionId);
    if (state.isEmpty() || state.get().getPhase() != RegionPhase.NORMAL || applied.isEmpty()) {
      throw RegionErrors.regionNotFound(regionId);
    }
    RegionHasher hasher = new RegionHasher();
    Region region = state.get().getRegion();
    for (ColumnFamily family : DataFamilies.all()) {
      hasher.addFamily(data, family, region);
    }
    return new RegionHash(region, applied.get().getAppliedIndex(), hasher.hash, hasher.keys);
  }

  private void addFamily(EngineSnapshot data, ColumnFamily family, Region region) {
    IterateOptions range =
        IterateOptions.range(region.getStartKey().toByteArray(), region.getEndKey().toByteArray())
            .withoutFillingCache();
    addInt(family.ordinal());
    try (EngineIterator pairs = data.iterator(family, range)) {
      for (boolean more = pairs.seekToFirst(); more; more = pairs.next()) {
        addBytes(pairs.key());
        addBytes(pairs.value());
        keys++;
      }
    }
  }

  private void addBytes(byte[] bytes) {
    addInt(bytes.length);
    for (byte b : bytes) {
      addByte(b);
    }
  }

  private void addInt(int value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      addByte((byte) (value >>> shift));
    }
  }

  private void addByte(byte b) {
    hash = (hash ^ (b & 0xFF)) * PRIME;
  }
}
