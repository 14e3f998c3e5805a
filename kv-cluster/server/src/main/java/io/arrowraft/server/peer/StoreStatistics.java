package io.arrowraft.server.peer;

import io.arrowraft.proto.pdpb.PeerStat;
import io.arrowraft.server.region.LoadCounts;
import java.util.List;

/**
 * What a store did since it was last asked.
 *
 * @param load of all its regions
 * @param hot the busiest of them
 * @param refusals requests refused because a queue was full
 * @param logWrites synced writes of the Raft logs
 * @param slowLogWrites those that took longer than {@link Supervision#logSyncSlow}
 * @param logStalled none has completed for that long
 * @param full new data is refused for want of room
 * @param sendingSnapshots on their way out now
 * @param damagedRegions regions whose replica here must be replaced
 */
public record StoreStatistics(
    LoadCounts load,
    List<PeerStat> hot,
    long refusals,
    long logWrites,
    long slowLogWrites,
    boolean logStalled,
    boolean full,
    int sendingSnapshots,
    List<Long> damagedRegions) {
  public StoreStatistics {
    hot = List.copyOf(hot);
    damagedRegions = List.copyOf(damagedRegions);
  }
}
