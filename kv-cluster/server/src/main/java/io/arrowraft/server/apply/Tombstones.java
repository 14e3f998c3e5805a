package io.arrowraft.server.apply;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
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
    RegionRecords.deleteChunks(batch, last.getId());
    RegionRecords.deleteApplyState(batch, last.getId());
    RegionRecords.putRegionState(
        batch,
        RegionState.newBuilder()
            .setPhase(RegionPhase.TOMBSTONE)
            .setRegion(last)
            .setPeerId(peerId)
            .build());
  }
}
