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
   * @param replaced the range that the replica held; empty for a replica without data
   * @param covered stopped replicas of regions that have become part of this one, unnoticed here:
   *     they end in the same batch, since before it this replica could still need them
   */
  public RegionState begin(
      SnapshotManifest manifest,
      long peerId,
      Optional<Region> replaced,
      List<RegionState> covered) {
    RegionState applying =
        RegionState.newBuilder()
            .setPhase(RegionPhase.APPLYING)
            .setRegion(manifest.getRegion())
            .setPeerId(peerId)
            .setSnapshot(manifest)
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

  /**
   * Installs what is staged, durably.
   *
   * @param applying what {@link #begin} wrote, now or before a restart
   */
  public ApplyState finish(RegionState applying) {
    SnapshotManifest manifest = applying.getSnapshot();
    long regionId = manifest.getRegion().getId();
    WriteBatch clear = new WriteBatch();
    DataFamilies.deleteRange(clear, manifest.getRegion());
    engine.write(clear, false);
    RegionRecords.forEachChunk(engine, regionId, this::install);
    ApplyState applied =
        ApplyState.newBuilder()
            .setAppliedIndex(manifest.getIndex())
            .setAppliedTerm(manifest.getTerm())
            .setCounts(manifest.getCounts())
            .build();
    WriteBatch done = new WriteBatch();
    RegionRecords.putRegionState(
        done, applying.toBuilder().setPhase(RegionPhase.NORMAL).clearSnapshot().build());
    RegionRecords.putApplyState(done, regionId, applied);
    RegionRecords.deleteChunks(done, regionId);
    engine.write(done, true);
    return applied;
  }

  private void install(SnapshotChunk chunk) {
    ColumnFamily family = Mutations.familyOf(chunk.getFamily());
    WriteBatch batch = new WriteBatch();
    for (int i = 0; i < chunk.getKeysCount(); i++) {
      batch.put(family, chunk.getKeys(i).toByteArray(), chunk.getValues(i).toByteArray());
    }
    engine.write(batch, false);
  }
}
