package io.arrowraft.pd.schedule.check;

import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.Step;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.schedule.Checker;
import io.arrowraft.pd.schedule.ClusterView;
import java.util.List;

/** Leads regions out of a joint configuration that nobody cares about any more. */
public final class JointStateChecker implements Checker {
  @Override
  public String name() {
    return "joint-state";
  }

  @Override
  public List<Operator> check(ClusterView view, RegionInfo region) {
    return region.inJointState()
        ? List.of(
            new Operator(
                region.id(),
                Operator.Kind.REPLICA,
                "leave-joint-state",
                List.of(new Step.LeaveJoint())))
        : List.of();
  }
}
