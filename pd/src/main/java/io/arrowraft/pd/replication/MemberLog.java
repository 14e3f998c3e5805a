package io.arrowraft.pd.replication;

import io.arrowraft.pd.state.PdResult;
import io.arrowraft.proto.pd.MemberRecord;
import io.arrowraft.raft.core.MembershipChange;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What the group's log knows of its members and does to them. Called on the loop. */
public interface MemberLog {
  /** The group as this member sees it; empty while it is not open. */
  Optional<GroupView> view();

  /** This member's id; 0 before it is known. For use by any thread. */
  long memberId();

  /** The cluster's id; 0 before it is known. */
  long clusterId();

  /**
   * Changes the membership.
   *
   * @param member goes into the state with it; null when that stays as it is, or a member goes
   * @return fails with {@link io.arrowraft.pd.state.NotLeaderException} if it was not or may not
   *     have been replicated
   */
  CompletableFuture<PdResult> change(
      MembershipChange.StepKind kind, long peer, MemberRecord member);

  /** Begins to hand leadership over; whether it has begun. The lease ends at once. */
  boolean transferTo(long peer);

  /**
   * Hands leadership to a member, and tells when this one leads no longer; fails if that does not
   * come about within seconds.
   */
  CompletableFuture<Void> handOver(long peer);

  /** Keeps for good that this member has been removed, and ends the group. */
  void retire();
}
