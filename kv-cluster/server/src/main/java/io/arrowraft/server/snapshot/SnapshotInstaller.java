package io.arrowraft.server.snapshot;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.ApplyState;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.proto.store.SnapshotChunk;
import io.arrowraft.proto.store.SnapshotManifest;
import io.arrowraft.server.apply.Tombstones;
import io.arrowraft.server.state.DataFamilies;
import io.arrowraft.server.state.Mutations;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.List;
import java.util.Optional;

/** Turns staged chunks into a region's data; can be repeated from the beginning at any point. */
public final class SnapshotInstaller {
  private final Engine engine;

  public SnapshotInstaller(Engine engine) {
    this.engine = engine;
  }

  /**
   * Declares, durably, that the region's state is what is staged, and removes what the replica held
   * before. From here on there is no way back.
   *
   * @param staged all of it
   * @param replaced the range that the replica held; empty for a replica without data
   * @param covered stopped replicas of regions that have become part of this one, unnoticed here:
   *     they end in the same batch, since before it this replica could still need them
   */
  public RegionState begin(
      SnapshotStaging staged, long peerId, Optional<Region> replaced, List<RegionState> covered) {
    SnapshotManifest manifest = staged.manifest();
    RegionState applying =
        RegionState.newBuilder()
            .setPhase(RegionPhase.APPLYING)
            .setRegion(manifest.getRegion())
            .setPeerId(peerId)
            .setSnapshot(manifest)
            .setStagedChunks(staged.chunks())
            .addAllMerged(manifest.getMergedList())
            .build();
    WriteBatch batch = new WriteBatch();
    replaced.ifPresent(region -> DataFamilies.deleteRange(batch, region));
    for (RegionState end : covered) {
      Tombstones.write(batch, end.getRegion(), end.getRegion(), end.getPeerId());
    }
    RegionRecords.deleteApplyState(batch, manifest.getRegion().getId());
    RegionRecords.putRegionState(batch, applying);
    engine.write(batch, true);
    return applying;
  }

  /** The state of a region whose installation, declared by {@code applying}, is complete. */
  public static RegionState installed(RegionState applying) {
    return applying.toBuilder()
        .setPhase(RegionPhase.NORMAL)
        .clearSnapshot()
        .clearStagedChunks()
        .build();
  }

  /**
   * Installs what is staged, durably.
   *
   * @param applying what {@link #begin} wrote, now or before a restart
   */
  public ApplyState finish(RegionState applying) {
    Installation installation = install(applying);
    while (installation.step()) {
      // A store that starts has nothing else to do.
      continue;
    }
    return installation.complete();
  }

  /**
   * The same in steps, so that other regions get their turn in between.
   *
   * @param applying what {@link #begin} wrote, now or before a restart
   */
  public Installation install(RegionState applying) {
    return new Installation(applying);
  }

  /** One installation under way; what it has done so far is done again if it is cut off. */
  public final class Installation {
    private final RegionState applying;
    private final SnapshotManifest manifest;
    private final long regionId;
    private final ApplyState applied;
    private int next = -1;

    private Installation(RegionState applying) {
      this.applying = applying;
      this.manifest = applying.getSnapshot();
      this.regionId = manifest.getRegion().getId();
      this.applied =
          ApplyState.newBuilder()
              .setAppliedIndex(manifest.getIndex())
              .setAppliedTerm(manifest.getTerm())
              .setCounts(manifest.getCounts())
              .build();
    }

    /** Does a bit; false when only {@link #complete} is left. */
    public boolean step() {
      if (next < 0) {
        WriteBatch clear = new WriteBatch();
        DataFamilies.deleteRange(clear, manifest.getRegion());
        engine.write(clear, false);
        next = 0;
        return true;
      }
      Optional<SnapshotChunk> chunk = RegionRecords.chunk(engine, regionId, next);
      if (chunk.isEmpty()) {
        return false;
      }
      put(chunk.get());
      next++;
      return true;
    }

    /** The state that the replica will have. */
    public ApplyState applied() {
      return applied;
    }

    /**
     * Makes it last; the staged chunks go in the same batch.
     *
     * @throws CorruptDataException if fewer chunks are here than were staged
     */
    public ApplyState complete() {
      if (applying.hasStagedChunks() && next != applying.getStagedChunks()) {
        throw RegionRecords.missingChunk(regionId, next, applying.getStagedChunks());
      }
      WriteBatch done = new WriteBatch();
      RegionRecords.putRegionState(done, installed(applying));
      RegionRecords.putApplyState(done, regionId, applied);
      RegionRecords.deleteChunks(done, regionId);
      engine.write(done, true);
      return applied;
    }
  }

  private void put(SnapshotChunk chunk) {
    ColumnFamily family = Mutations.familyOf(chunk.getFamily());
    WriteBatch batch = new WriteBatch();
    for (int i = 0; i < chunk.getKeysCount(); i++) {
      batch.put(family, chunk.getKeys(i).toByteArray(), chunk.getValues(i).toByteArray());
    }
    engine.write(batch, false);
  }
}
