package io.arrowraft.pd.schedule.balance;

import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.Scheduler;
import io.arrowraft.pd.schedule.StoreView;
import java.util.ArrayList;
import java.util.List;

/** Moves leaders away from stores whose labels are set to reject leaders. */
public final class RejectLeader implements Scheduler {
  @Override
  public String name() {
    return "label-scheduler";
  }

  @Override
  public Operator.Kind kind() {
    return Operator.Kind.LEADER;
  }

  @Override
  public List<Operator> propose(ClusterView view, int room) {
    List<Operator> operators = new ArrayList<>();
    for (StoreView store : view.stores()) {
      if (view.rejectsLeaders(store)) {
        operators.addAll(
            LeaderMoves.outOf(view, store, room - operators.size(), kind(), "label-reject-leader"));
      }
    }
    return operators;
  }
}
