package io.arrowraft.pd.schedule.balance;

import com.fasterxml.jackson.databind.JsonNode;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.Scheduler;
import java.util.List;
import java.util.Set;

/** Moves all leaders away from stores, and lets none come: before a restart, for example. */
public final class EvictLeader implements Scheduler {
  public static final String NAME = "evict-leader-scheduler";

  private final StoreList stores;

  /**
   * @throws IllegalArgumentException if the settings name no store
   */
  public EvictLeader(JsonNode settings) {
    this.stores = StoreList.of(NAME, settings);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Operator.Kind kind() {
    return Operator.Kind.LEADER;
  }

  @Override
  public List<Operator> propose(ClusterView view, int room) {
    return stores.propose(
        view,
        room,
        (store, left) ->
            LeaderMoves.outOf(view, store, left, kind(), "evict-leader").stream()
                .map(operator -> operator.withPriority(Operator.Priority.HIGH))
                .toList());
  }

  @Override
  public Set<Long> barredFromLeading(ClusterView view) {
    return stores.ids();
  }
}
