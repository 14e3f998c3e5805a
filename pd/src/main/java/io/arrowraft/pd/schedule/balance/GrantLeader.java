package io.arrowraft.pd.schedule.balance;

import com.fasterxml.jackson.databind.JsonNode;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.Scheduler;
import io.arrowraft.pd.schedule.StoreView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Gives stores the leaders of all regions that have a follower there, and lets them keep them. */
public final class GrantLeader implements Scheduler {
  public static final String NAME = "grant-leader-scheduler";

  private final Set<Long> stores;

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
    List<Operator> operators = new ArrayList<>();
    for (long id : stores) {
      Optional<StoreView> store = view.store(id);
      if (store.isPresent()) {
        LeaderMoves.into(view, store.get(), room - operators.size(), kind(), "grant-leader")
            .stream()
            // Two stores that were both granted leaders do not take them from each other.
            .filter(
                operator ->
                    view.regions()
                        .find(operator.regionId())
                        .filter(region -> !stores.contains(region.leaderStore()))
                        .isPresent())
            .forEach(operators::add);
      }
    }
    return operators;
  }

  @Override
  public Set<Long> keepingLeaders(ClusterView view) {
    return stores;
  }
}
