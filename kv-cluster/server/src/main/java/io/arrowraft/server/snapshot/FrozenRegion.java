package io.arrowraft.server.snapshot;

import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.ApplyState;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.proto.store.SnapshotChunk;
import io.arrowraft.proto.store.SnapshotManifest;
import io.arrowraft.proto.store.SnapshotSeal;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.server.apply.PeerChanges;
import io.arrowraft.server.state.DataFamilies;
import io.arrowraft.server.state.Mutations;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.server.state.Versioned;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.arrowraft.storage.engine.IterateOptions;
import java.util.Iterator;
import java.util.Optional;
import java.util.zip.CRC32C;

/** One region frozen at its applied index, read out chunk by chunk. */
public final class FrozenRegion implements AutoCloseable {
  private final EngineSnapshot data;
  private final SnapshotManifest manifest;
  private final long chunkBytes;
  private final Iterator<ColumnFamily> families = DataFamilies.all().iterator();
  private final CRC32C checksum = new CRC32C();
  private ColumnFamily family;
  private EngineIterator pairs;
  private int chunks;
  private boolean sealed;

  private FrozenRegion(EngineSnapshot data, SnapshotManifest manifest, long chunkBytes) {
    this.data = data;
    this.manifest = manifest;
    this.chunkBytes = chunkBytes;
  }

  /**
   * Freezes a region.
   *
   * @param id tells this snapshot from others of the same index
   * @param chunkBytes about how large a chunk gets; one larger pair still goes
   * @return empty if the region's replica here has no data to give
   */
  public static Optional<FrozenRegion> open(
      Engine engine, long regionId, long id, long chunkBytes) {
    EngineSnapshot data = engine.snapshot();
    Optional<RegionState> state;
    Optional<ApplyState> applied;
    try {
      state = RegionRecords.regionState(data, regionId);
      applied = RegionRecords.applyState(data, regionId);
    } catch (EngineException unreadable) {
      data.close();
      throw unreadable;
    }
    if (state.isEmpty() || state.get().getPhase() != RegionPhase.NORMAL || applied.isEmpty()) {
      data.close();
      return Optional.empty();
    }
    SnapshotManifest manifest =
        SnapshotManifest.newBuilder()
            .setRegion(state.get().getRegion())
            .setIndex(applied.get().getAppliedIndex())
            .setTerm(applied.get().getAppliedTerm())
            .setId(id)
            .setCounts(applied.get().getCounts())
            .addAllMerged(state.get().getMergedList())
            .setSafePoint(RegionRecords.safePoint(data))
            .build();
    return Optional.of(new FrozenRegion(data, manifest, chunkBytes));
  }

  public SnapshotManifest manifest() {
    return manifest;
  }

  /** The snapshot as Raft names it. */
  public Snapshot descriptor() {
    return new Snapshot(
        manifest.getIndex(),
        manifest.getTerm(),
        PeerChanges.membership(manifest.getRegion()),
        Versioned.encode(manifest));
  }

  /** The manifest in a descriptor. */
  public static SnapshotManifest manifestOf(Snapshot snapshot) {
    return Versioned.decode(snapshot.data(), SnapshotManifest.parser());
  }

  /** The next chunk to send; empty after the seal. */
  public Optional<byte[]> next() {
    if (sealed) {
      return Optional.empty();
    }
    while (pairs == null || !pairs.valid()) {
      if (!nextFamily()) {
        sealed = true;
        return Optional.of(Versioned.encode(seal()));
      }
    }
    byte[] chunk = Versioned.encode(fill());
    checksum.update(chunk);
    chunks++;
    return Optional.of(chunk);
  }

  private boolean nextFamily() {
    closePairs();
    if (!families.hasNext()) {
      return false;
    }
    family = families.next();
    Region region = manifest.getRegion();
    IterateOptions range =
        IterateOptions.range(region.getStartKey().toByteArray(), region.getEndKey().toByteArray())
            .withoutFillingCache();
    pairs = data.iterator(family, range);
    pairs.seekToFirst();
    return true;
  }

  private SnapshotChunk fill() {
    SnapshotChunk.Builder chunk = SnapshotChunk.newBuilder().setFamily(Mutations.familyOf(family));
    long bytes = 0;
    while (pairs.valid() && bytes < chunkBytes) {
      byte[] key = pairs.key();
      byte[] value = pairs.value();
      chunk.addKeys(UnsafeByteOperations.unsafeWrap(key));
      chunk.addValues(UnsafeByteOperations.unsafeWrap(value));
      bytes += key.length + value.length;
      pairs.next();
    }
    return chunk.build();
  }

  private SnapshotChunk seal() {
    return SnapshotChunk.newBuilder()
        .setSeal(SnapshotSeal.newBuilder().setChunks(chunks).setChecksum((int) checksum.getValue()))
        .build();
  }

  private void closePairs() {
    if (pairs != null) {
      pairs.close();
      pairs = null;
    }
  }

  /** Lets go of the engine's old data; idempotent. */
  @Override
  public void close() {
    sealed = true;
    closePairs();
    data.close();
  }
}
