package io.arrowraft.pd.schedule;

import java.util.List;

/** One reason to move something. */
@FunctionalInterface
public interface Scheduler {
  /**
   * Looks for work.
   *
   * @param view the cluster now
   * @param room how many operators may be begun
   * @return at most {@code room} operators, for regions that have none
   */
  List<Operator> propose(ClusterView view, int room);
}
