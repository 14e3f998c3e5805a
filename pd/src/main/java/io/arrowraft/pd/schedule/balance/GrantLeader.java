package io.arrowraft.pd.schedule.balance;

import com.fasterxml.jackson.databind.JsonNode;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.Scheduler;
import java.util.List;
import java.util.Set;

/** Gives stores the leaders of all regions that have a follower there, and lets them keep them. */
public final class GrantLeader implements Scheduler {
  public static final String NAME = "grant-leader-scheduler";

  private final StoreList stores;

  /**
   * @throws IllegalArgumentException if the settings name no store
   */
  public GrantLeader(JsonNode settings) {
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
    // Two stores that were both granted leaders do not take them from each other.
    return stores.propose(
        view,
        room,
        (store, left) ->
            LeaderMoves.into(
                view,
                store,
                left,
                kind(),
                "grant-leader",
                region -> !stores.contains(region.leaderStore())));
  }

  @Override
  public Set<Long> keepingLeaders(ClusterView view) {
    return stores.ids();
  }
}
