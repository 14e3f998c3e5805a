package io.arrowraft.server.apply;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.server.state.DataFamilies;
import io.arrowraft.server.state.RegionRecords;
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

  /** The same for a replica that never had data. */
  public static void write(WriteBatch batch, Region last, long peerId) {
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
