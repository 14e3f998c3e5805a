package io.arrowraft.pd.schedule;

import io.arrowraft.pd.operator.Operator;
import java.util.List;
import java.util.Set;

/** One reason to move something though nothing is missing. */
public interface Scheduler {
  /** The name that PD gave it, such as {@code balance-leader-scheduler}. */
  String name();

  /** What kind of operators it proposes, for their limit. */
  Operator.Kind kind();

  /**
   * Looks for work.
   *
   * @param room how many operators may be begun
   * @return at most {@code room} operators, for regions that are free
   */
  List<Operator> propose(ClusterView view, int room);

  /** Stores to which no leader is to be moved, by anyone. */
  default Set<Long> barredFromLeading(ClusterView view) {
    return Set.of();
  }

  /** Stores from which no leader is to be moved for balance. */
  default Set<Long> keepingLeaders(ClusterView view) {
    return Set.of();
  }
}
