package io.arrowraft.pd.testing;

import io.arrowraft.pd.replication.GroupView;
import io.arrowraft.pd.replication.MemberLog;
import io.arrowraft.pd.state.PdResult;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.state.StateLog;
import io.arrowraft.proto.pd.MemberRecord;
import io.arrowraft.raft.core.Membership;
import io.arrowraft.raft.core.MembershipChange;
import io.arrowraft.raft.core.RaftRole;
import io.arrowraft.raft.core.RaftStatus;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A group of one. */
public final class LocalMembers implements MemberLog {
  private static final long SELF = 1;

  private final PdState state;
  private final StateLog log;

  public LocalMembers(PdState state, StateLog log) {
    this.state = state;
    this.log = log;
  }

  @Override
  public Optional<GroupView> view() {
    long leader = log.leads() ? SELF : 0;
    RaftRole role = log.leads() ? RaftRole.LEADER : RaftRole.FOLLOWER;
    return Optional.of(
        new GroupView(
            SELF,
            new RaftStatus(
                SELF, 1, role, leader, 1, 1, 1, 1, Membership.ofVoters(SELF), 0, List.of())));
  }

  @Override
  public long memberId() {
    return SELF;
  }

  @Override
  public long clusterId() {
    return state.clusterId();
  }

  @Override
  public CompletableFuture<PdResult> change(
      MembershipChange.StepKind kind, long peer, MemberRecord member) {
    return CompletableFuture.completedFuture(new PdResult.Rejected("a group of one stays one"));
  }

  @Override
  public boolean transferTo(long peer) {
    return false;
  }

  @Override
  public CompletableFuture<Void> handOver(long peer) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void retire() {
    throw new AssertionError("a group of one is asked to retire");
  }
}
