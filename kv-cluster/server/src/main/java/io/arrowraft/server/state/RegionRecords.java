package io.arrowraft.server.state;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.ApplyState;
import io.arrowraft.proto.store.DamagedReplica;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.proto.store.SnapshotChunk;
import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.proto.store.StoreIdent;
import io.arrowraft.proto.store.StoreSafePoint;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EngineReader;
import io.arrowraft.storage.engine.IterateOptions;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongPredicate;

/** Reads and writes the store's own records. */
public final class RegionRecords {
  private static final ColumnFamily FAMILY = ColumnFamily.RAFT;

  private RegionRecords() {}

  public static Optional<StoreIdent> ident(EngineReader engine) {
    byte[] value = engine.get(FAMILY, StateKeys.ident());
    return value == null
        ? Optional.empty()
        : Optional.of(Versioned.decode(value, StoreIdent.parser()));
  }

  public static void putIdent(WriteBatch batch, StoreIdent ident) {
    batch.put(FAMILY, StateKeys.ident(), Versioned.encode(ident));
  }

  /**
   * The first region, if this store has prepared to bootstrap the cluster and not heard how that
   * ended.
   */
  public static Optional<Region> preparedBootstrap(EngineReader engine) {
    byte[] value = engine.get(FAMILY, StateKeys.bootstrap());
    return value == null ? Optional.empty() : Optional.of(Versioned.decode(value, Region.parser()));
  }

  public static void putPreparedBootstrap(WriteBatch batch, Region region) {
    batch.put(FAMILY, StateKeys.bootstrap(), Versioned.encode(region));
  }

  public static void clearPreparedBootstrap(WriteBatch batch) {
    batch.delete(FAMILY, StateKeys.bootstrap());
  }

  /** What garbage collection has passed on this store; 0 if it has not been here. */
  public static long safePoint(EngineReader engine) {
    IterateOptions range =
        IterateOptions.range(StateKeys.safePointsStart(), StateKeys.safePointsEnd());
    try (EngineIterator points = engine.iterator(FAMILY, range)) {
      return points.seekToLast()
          ? Versioned.decode(points.value(), StoreSafePoint.parser()).getSafePoint()
          : 0;
    }
  }

  public static void putSafePoint(WriteBatch batch, long safePoint) {
    batch.put(
        FAMILY,
        StateKeys.safePoint(safePoint),
        Versioned.encode(StoreSafePoint.newBuilder().setSafePoint(safePoint).build()));
  }

  public static void deleteSafePoint(WriteBatch batch, long safePoint) {
    batch.delete(FAMILY, StateKeys.safePoint(safePoint));
  }

  /** Why a replica must not be used; empty if it may. */
  public static Optional<String> damageOf(EngineReader engine, long regionId, long peerId) {
    byte[] value = engine.get(FAMILY, StateKeys.damage(regionId));
    return value == null
        ? Optional.empty()
        : Optional.of(Versioned.decode(value, DamagedReplica.parser()))
            .filter(damage -> damage.getPeerId() == peerId)
            .map(DamagedReplica::getReason);
  }

  public static void putDamage(WriteBatch batch, long regionId, long peerId, String reason) {
    batch.put(
        FAMILY,
        StateKeys.damage(regionId),
        Versioned.encode(DamagedReplica.newBuilder().setPeerId(peerId).setReason(reason).build()));
  }

  public static void clearDamage(WriteBatch batch, long regionId) {
    batch.delete(FAMILY, StateKeys.damage(regionId));
  }

  /** A file that may be ingested; empty if none of this name is recorded. */
  public static Optional<StagedFile> stagedFile(EngineReader engine, String name) {
    byte[] value = engine.get(FAMILY, StateKeys.staged(name));
    return value == null
        ? Optional.empty()
        : Optional.of(Versioned.decode(value, StagedFile.parser()));
  }

  public static void putStagedFile(WriteBatch batch, StagedFile file) {
    batch.put(FAMILY, StateKeys.staged(file.getName()), Versioned.encode(file));
  }

  public static void deleteStagedFile(WriteBatch batch, String name) {
    batch.delete(FAMILY, StateKeys.staged(name));
  }

  /** All files that may be ingested, by name. */
  public static List<StagedFile> stagedFiles(EngineReader engine) {
    List<StagedFile> files = new ArrayList<>();
    try (EngineIterator records =
        engine.iterator(
            FAMILY, IterateOptions.range(StateKeys.stagedStart(), StateKeys.stagedEnd()))) {
      for (boolean more = records.seekToFirst(); more; more = records.next()) {
        files.add(Versioned.decode(records.value(), StagedFile.parser()));
      }
    }
    return files;
  }

  public static Optional<RegionState> regionState(EngineReader engine, long regionId) {
    byte[] value = storedRegionState(engine, regionId);
    return value == null
        ? Optional.empty()
        : Optional.of(Versioned.decode(value, RegionState.parser()));
  }

  static byte[] storedRegionState(EngineReader engine, long regionId) {
    return engine.get(FAMILY, StateKeys.regionState(regionId));
  }

  public static void putRegionState(WriteBatch batch, RegionState state) {
    batch.put(FAMILY, StateKeys.regionState(state.getRegion().getId()), Versioned.encode(state));
  }

  public static Optional<ApplyState> applyState(EngineReader engine, long regionId) {
    byte[] value = engine.get(FAMILY, StateKeys.applyState(regionId));
    return value == null
        ? Optional.empty()
        : Optional.of(Versioned.decode(value, ApplyState.parser()));
  }

  public static void putApplyState(WriteBatch batch, long regionId, ApplyState state) {
    batch.put(FAMILY, StateKeys.applyState(regionId), Versioned.encode(state));
  }

  public static void deleteApplyState(WriteBatch batch, long regionId) {
    batch.delete(FAMILY, StateKeys.applyState(regionId));
  }

  /** Removes all records of a region that nobody else has ever heard of. */
  public static void deleteRegion(WriteBatch batch, long regionId) {
    batch.delete(FAMILY, StateKeys.regionState(regionId));
    batch.delete(FAMILY, StateKeys.applyState(regionId));
  }

  public static void putChunk(WriteBatch batch, long regionId, int number, SnapshotChunk chunk) {
    batch.put(FAMILY, StateKeys.chunk(regionId, number), Versioned.encode(chunk));
  }

  public static void deleteChunks(WriteBatch batch, long regionId) {
    batch.deleteRange(FAMILY, StateKeys.chunksStart(regionId), StateKeys.chunksEnd(regionId));
  }

  /** One of the staged chunks, which are numbered from 0 without a gap. */
  public static Optional<SnapshotChunk> chunk(EngineReader engine, long regionId, int number) {
    byte[] value = engine.get(FAMILY, StateKeys.chunk(regionId, number));
    return value == null
        ? Optional.empty()
        : Optional.of(Versioned.decode(value, SnapshotChunk.parser()));
  }

  /** What to say of a staged chunk that is not there though it should be. */
  public static CorruptDataException missingChunk(long regionId, int number, int staged) {
    return CorruptDataException.at(
        new CorruptDataException.Damage(
            FAMILY, StateKeys.chunk(regionId, number), StateKeys.chunk(regionId, number + 1)),
        "chunk " + number + " of " + staged + " of the snapshot of region " + regionId + " is gone",
        null);
  }

  /**
   * The states of all regions ever seen here, tombstones included, by id. Of a region's other
   * records none is touched: one that cannot be read concerns that region alone.
   */
  public static List<RegionState> allRegionStates(EngineReader engine) {
    List<RegionState> states = new ArrayList<>();
    try (EngineIterator records = regionRecords(engine)) {
      boolean more = records.seekToFirst();
      while (more) {
        byte[] key = records.key();
        if (StateKeys.isRegionState(key)) {
          states.add(Versioned.decode(records.value(), RegionState.parser()));
        }
        more = records.seek(StateKeys.nextRegion(StateKeys.regionIdOf(key)));
      }
    }
    return states;
  }

  /** Regions with staged chunks, by id. */
  public static List<Long> regionsWithChunks(EngineReader engine) {
    return regionsWithChunks(engine, regionId -> false);
  }

  /** The same without looking at the chunks of some. */
  public static List<Long> regionsWithChunks(EngineReader engine, LongPredicate passedOver) {
    List<Long> regions = new ArrayList<>();
    try (EngineIterator records = regionRecords(engine)) {
      boolean more = records.seekToFirst();
      while (more) {
        byte[] key = records.key();
        long regionId = StateKeys.regionIdOf(key);
        if (StateKeys.isChunk(key)) {
          regions.add(regionId);
          more = records.seek(StateKeys.nextRegion(regionId));
        } else if (passedOver.test(regionId)) {
          more = records.seek(StateKeys.nextRegion(regionId));
        } else {
          more = records.next();
        }
      }
    }
    return regions;
  }

  /** Whether damage was met among the store's own records, and not among data. */
  public static boolean areHere(CorruptDataException.Damage damage) {
    return damage.family() == FAMILY;
  }

  /** The region whose records alone are damaged; empty if it is data, or others' may be too. */
  public static OptionalLong regionOf(CorruptDataException.Damage damage) {
    return areHere(damage)
        ? StateKeys.regionOf(damage.start(), damage.end())
        : OptionalLong.empty();
  }

  private static EngineIterator regionRecords(EngineReader engine) {
    return engine.iterator(
        FAMILY, IterateOptions.range(StateKeys.regionsStart(), StateKeys.regionsEnd()));
  }
}
