package io.arrowraft.pd.service;

import io.arrowraft.pd.region.RegionRecorder;
import io.arrowraft.pd.region.RegionTree;
import io.arrowraft.pd.schedule.OperatorBoard;
import io.arrowraft.pd.state.IdPool;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.state.StateLog;
import io.arrowraft.pd.store.StoreRegistry;
import io.arrowraft.pd.tso.TimestampService;

/**
 * What requests work on.
 *
 * @param state replicated
 * @param log changes the replicated state
 * @param regions rebuilt from reports after each change of leadership, as are stores, board and
 *     lines
 */
public record LeaderState(
    PdState state,
    StateLog log,
    TimestampService timestamps,
    IdPool ids,
    RegionTree regions,
    RegionRecorder recorder,
    StoreRegistry stores,
    OperatorBoard board,
    OrderLines lines) {

  /**
   * Whether requests may be carried out: this member leads, and has taken over from whoever led
   * before.
   */
  public boolean serving() {
    return log.leads() && timestamps.serving();
  }

  /** Sends the region's leader what the running operator wants of it next. */
  public void advance(long regionId) {
    regions
        .find(regionId)
        .ifPresent(
            region ->
                board
                    .advance(region)
                    .ifPresent(
                        order -> lines.send(region.leaderStore(), order, state.clusterId())));
  }
}
