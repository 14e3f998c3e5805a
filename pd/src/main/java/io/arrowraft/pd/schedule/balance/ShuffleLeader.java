package io.arrowraft.pd.schedule.balance;

import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.Scheduler;
import io.arrowraft.pd.schedule.StoreView;
import java.util.List;

/** Moves leaders about without any sense: for tests of clients. */
public final class ShuffleLeader implements Scheduler {
  @Override
  public String name() {
    return "shuffle-leader-scheduler";
  }

  @Override
  public Operator.Kind kind() {
    return Operator.Kind.LEADER;
  }

  @Override
  public List<Operator> propose(ClusterView view, int room) {
    List<StoreView> stores =
        view.stores().stream().filter(view::takesLeaders).filter(s -> s.leaders() > 0).toList();
    return stores.isEmpty()
        ? List.of()
        : LeaderMoves.outOf(
            view, stores.get(view.random().nextInt(stores.size())), 1, kind(), "shuffle-leader");
  }
}
