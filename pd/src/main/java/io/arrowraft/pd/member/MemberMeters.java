package io.arrowraft.pd.member;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/** The group of the placement driver in numbers. */
public final class MemberMeters {
  private final AtomicInteger members = new AtomicInteger();
  private final Counter leaderChanges;

  public MemberMeters(MeterRegistry meters) {
    Gauge.builder("arrowraft_pd_members", members, AtomicInteger::get)
        .description("Members of the placement driver")
        .register(meters);
    leaderChanges =
        Counter.builder("arrowraft_pd_leader_changes_total")
            .description("Changes of the leader that this member has seen")
            .register(meters);
  }

  void onMembers(int count) {
    members.set(count);
  }

  void onLeaderChange() {
    leaderChanges.increment();
  }
}
