package io.arrowraft.pd.service;

import io.arrowraft.pd.gc.GarbageCollection;
import io.arrowraft.pd.operator.OperatorBoard;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.RegionRecorder;
import io.arrowraft.pd.region.RegionTree;
import io.arrowraft.pd.schedule.balance.Scatterer;
import io.arrowraft.pd.schedule.round.Scheduling;
import io.arrowraft.pd.settings.Settings;
import io.arrowraft.pd.state.IdPool;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.state.StateLog;
import io.arrowraft.pd.store.StoreRegistry;
import io.arrowraft.pd.tso.TimestampService;
import io.arrowraft.runtime.TimeSource;
import java.util.Optional;
import java.util.random.RandomGenerator;

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
    Scheduling scheduling,
    GarbageCollection gc,
    OrderLines lines) {

  /**
   * What a member works on that has heard nothing yet.
   *
   * @param random for picking regions
   */
  public static LeaderState of(
      PdState state,
      StateLog log,
      TimestampService timestamps,
      IdPool ids,
      Settings settings,
      TimeSource time,
      RandomGenerator random) {
    RegionTree regions = new RegionTree();
    StoreRegistry stores = new StoreRegistry(state, time);
    return new LeaderState(
        state,
        log,
        timestamps,
        ids,
        regions,
        new RegionRecorder(log),
        stores,
        new Scheduling(regions, stores, settings, ids::tryNext, time, random),
        new GarbageCollection(state, log, settings, time, () -> timestamps.next(1)),
        new OrderLines());
  }

  /** The operators that run. */
  public OperatorBoard board() {
    return scheduling.board();
  }

  /**
   * Whether requests may be carried out: this member leads, and has taken over from whoever led
   * before.
   */
  public boolean serving() {
    return log.leads() && timestamps.serving();
  }

  /** One round of scheduling, and the orders that are due. */
  public void scheduleOnce() {
    gc.round();
    scheduling.round();
    for (long store : scheduling.emptied()) {
      StoreLife.bury(this, store);
    }
    board().overdue().forEach(this::advance);
  }

  /**
   * Spreads a region against the others of its group.
   *
   * @return whether it is, or will be, where it should be
   */
  public boolean scatter(RegionInfo region, String group) {
    Optional<Scatterer.Result> result = scheduling.scatter(region, group);
    if (result.isEmpty()) {
      return false;
    }
    if (result.get().isInPlace()) {
      board().recordDone(result.get().operator());
      return true;
    }
    boolean begun = board().begin(result.get().operator());
    advance(region.id());
    return begun;
  }

  /** Sends the region's leader what the running operator wants of it next. */
  public void advance(long regionId) {
    regions
        .find(regionId)
        .ifPresent(
            region ->
                board()
                    .advance(region)
                    .ifPresent(
                        order -> lines.send(region.leaderStore(), order, state.clusterId())));
  }
}
