package io.arrowraft.server.apply;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.server.state.DataFamilies;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.WriteBatch;

/** The end of a replica. */
public final class Tombstones {
  private Tombstones() {}

  /**
   * Removes a replica's data and records and leaves its epoch and peer id, by which older messages
   * are recognised (correctness rule 18).
   *
   * @param owned the range whose data is here
   * @param last the newest description known
   */
  public static void write(WriteBatch batch, Region owned, Region last, long peerId) {
    DataFamilies.deleteRange(batch, owned);
    write(batch, last, peerId);
  }

  /** The same, of a replica whose own log says that it is removed. */
  static void write(WriteBatch batch, RegionState last, Entry removal) {
    DataFamilies.deleteRange(batch, last.getRegion());
    write(
        batch,
        last.toBuilder()
            .clearMerge()
            .setRemovedIndex(removal.index())
            .setRemovedTerm(removal.term()));
  }

  /**
   * The same, durably, for a replica without an applier. It may have data all the same, of a
   * snapshot that was installed while it closed.
   */
  public static void put(Engine engine, Region last, long peerId) {
    WriteBatch batch = new WriteBatch();
    RegionRecords.regionState(engine, last.getId())
        .filter(state -> state.getPhase() != RegionPhase.TOMBSTONE && state.getPeerId() == peerId)
        .ifPresent(state -> DataFamilies.deleteRange(batch, state.getRegion()));
    write(batch, last, peerId);
    engine.write(batch, true);
  }

  /** The records alone, of a replica without data. */
  static void write(WriteBatch batch, Region last, long peerId) {
    write(batch, RegionState.newBuilder().setRegion(last).setPeerId(peerId));
  }

  private static void write(WriteBatch batch, RegionState.Builder end) {
    RegionRecords.deleteChunks(batch, end.getRegion().getId());
    RegionRecords.deleteApplyState(batch, end.getRegion().getId());
    RegionRecords.putRegionState(batch, end.setPhase(RegionPhase.TOMBSTONE).build());
  }
}
