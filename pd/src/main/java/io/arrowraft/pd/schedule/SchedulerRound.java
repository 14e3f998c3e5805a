package io.arrowraft.pd.schedule;

import java.util.List;

/** All schedulers, in order of importance, within their limits. */
public final class SchedulerRound {
  /** What moves things though nothing is missing, by the names that PD gave them. */
  public static final List<String> SCHEDULERS = List.of("balance-leader-scheduler");

  private record Entry(Scheduler scheduler, Operator.Kind kind, int max) {}

  private final List<Entry> entries;

  public SchedulerRound(ScheduleLimits limits) {
    this.entries =
        List.of(
            new Entry(new ReplicaChecker(), Operator.Kind.REPLICA, limits.replicaOperatorsMax()),
            new Entry(new LeaderSpreader(), Operator.Kind.LEADER, limits.leaderOperatorsMax()));
  }

  /** Begins what the cluster needs and the limits allow. */
  public void run(ClusterView view, OperatorBoard board) {
    for (Entry entry : entries) {
      int room = entry.max() - board.count(entry.kind());
      if (room > 0) {
        entry.scheduler().propose(view, room).forEach(board::begin);
      }
    }
  }
}
