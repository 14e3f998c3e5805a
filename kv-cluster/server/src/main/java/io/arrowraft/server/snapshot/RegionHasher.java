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
import java.util.Iterator;
import java.util.Optional;

/**
 * Digests a region's data (FNV-1a, 64 bits, over lengths and bytes), to compare replicas; at once
 * or piece by piece.
 */
public final class RegionHasher implements AutoCloseable {
  private static final long OFFSET_BASIS = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  private final EngineSnapshot data;
  private final Region region;
  private final long appliedIndex;
  private final Iterator<ColumnFamily> families = DataFamilies.all().iterator();
  private EngineIterator pairs;
  private long hash = OFFSET_BASIS;
  private long keys;
  private long bytes;

  private RegionHasher(EngineSnapshot data, Region region, long appliedIndex) {
    this.data = data;
    this.region = region;
    this.appliedIndex = appliedIndex;
  }

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
    try (RegionHasher hasher = open(data, regionId)) {
      while (hasher.step(Long.MAX_VALUE)) {
        continue;
      }
      return hasher.result();
    }
  }

  /**
   * Begins to hash a region as it is in a view, which outlives the hasher.
   *
   * @throws io.arrowraft.server.region.RegionErrorException if it is not there with its data
   */
  public static RegionHasher open(EngineSnapshot data, long regionId) {
    Optional<RegionState> state = RegionRecords.regionState(data, regionId);
    Optional<ApplyState> applied = RegionRecords.applyState(data, regionId);
    if (state.isEmpty() || state.get().getPhase() != RegionPhase.NORMAL || applied.isEmpty()) {
      throw RegionErrors.regionNotFound(regionId);
    }
    return new RegionHasher(data, state.get().getRegion(), applied.get().getAppliedIndex());
  }

  /**
   * Hashes a piece.
   *
   * @param bytesMax after which it ends, with the pair that passes them
   * @return whether there is more
   */
  public boolean step(long bytesMax) {
    long begun = bytes;
    while (bytes - begun < bytesMax) {
      if (pairs != null && pairs.valid()) {
        addBytes(pairs.key());
        addBytes(pairs.value());
        keys++;
        pairs.next();
      } else if (!nextFamily()) {
        return false;
      }
    }
    return true;
  }

  private boolean nextFamily() {
    close();
    if (!families.hasNext()) {
      return false;
    }
    ColumnFamily family = families.next();
    IterateOptions range =
        IterateOptions.range(region.getStartKey().toByteArray(), region.getEndKey().toByteArray())
            .withoutFillingCache();
    addInt(family.ordinal());
    pairs = data.iterator(family, range);
    pairs.seekToFirst();
    return true;
  }

  /** Keys and values hashed so far. */
  public long bytes() {
    return bytes;
  }

  /** Once nothing is left. */
  public RegionHash result() {
    return new RegionHash(region, appliedIndex, hash, keys);
  }

  /** Lets go of the place in the view; idempotent. */
  @Override
  public void close() {
    if (pairs != null) {
      pairs.close();
      pairs = null;
    }
  }

  private void addBytes(byte[] added) {
    addInt(added.length);
    for (byte b : added) {
      addByte(b);
    }
    bytes += added.length;
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
