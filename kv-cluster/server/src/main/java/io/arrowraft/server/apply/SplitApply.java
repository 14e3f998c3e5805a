package io.arrowraft.server.apply;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.runtime.InvariantViolation;
import io.arrowraft.server.state.DataFamilies;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The store's part of a split: decides for each new region whether its replica here is created. The
 * crash table is on the page of {@code io.arrowraft.server.split}.
 */
final class SplitApply {
  private final Engine engine;

  SplitApply(Engine engine) {
    this.engine = engine;
  }

  /** Adds the new regions' records to {@code batch} and returns the replicas to start. */
  List<ApplyResult.NewReplica> write(
      WriteBatch batch, SplitParts parts, long storeId, Counts countsOfPart) {
    List<ApplyResult.NewReplica> created = new ArrayList<>();
    for (Region child : parts.children()) {
      Peer peer =
          PeerChanges.onStore(child, storeId)
              .orElseThrow(
                  () ->
                      new InvariantViolation(
                          "split makes no replica on this store",
                          "region",
                          child.getId(),
                          "store",
                          storeId));
      Optional<RegionState> known = RegionRecords.regionState(engine, child.getId());
      if (known.isPresent() && known.get().getPhase() != RegionPhase.TOMBSTONE) {
        // A snapshot was quicker than our own log: what it brought is newer.
        continue;
      }
      if (known.isPresent() && known.get().getPeerId() >= peer.getId()) {
        // The replica has come and gone already; its range belongs to nobody here.
        DataFamilies.deleteRange(batch, child);
        continue;
      }
      RegionRecords.putRegionState(
          batch,
          RegionState.newBuilder()
              .setPhase(RegionPhase.NORMAL)
              .setRegion(child)
              .setPeerId(peer.getId())
              .build());
      RegionRecords.putApplyState(batch, child.getId(), InitialLog.applyState(countsOfPart));
      created.add(new ApplyResult.NewReplica(child, peer.getId()));
    }
    return created;
  }
}
