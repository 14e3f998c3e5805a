package io.arrowraft.raft.core;

/** One membership change at a time, in force when it is applied. */
final class MembershipChanges {
  private final NodeState state;
  private final Replication replication;
  private final Elections elections;
  private final Reads reads;
  private final LeaderTransfer transfer;

  MembershipChanges(
      NodeState state,
      Replication replication,
      Elections elections,
      Reads reads,
      LeaderTransfer transfer) {
    this.state = state;
    this.replication = replication;
    this.elections = elections;
    this.reads = reads;
    this.transfer = transfer;
  }

  /** Why the leader must not propose this change now; null if it may. */
  ProposeResult.Refused refusal(MembershipChange change) {
    if (state.pendingMembershipIndex > state.log.applied()) {
      return new ProposeResult.MembershipChangePending(state.pendingMembershipIndex);
    }
    Membership current = state.tracker.membership();
    var problem = current.problemWith(change);
    if (problem.isPresent()) {
      return new ProposeResult.MembershipChangeInvalid(problem.get());
    }
    Membership after = current.after(change);
    return losesQuorum(current, after)
        ? new ProposeResult.MembershipChangeLosesQuorum(after)
        : null;
  }

  /** A peer that was never here is given the benefit of the doubt; one that fell silent is not. */
  private boolean losesQuorum(Membership current, Membership after) {
    return !Quorum.isActive(
        after,
        peer -> !current.contains(peer) || state.tracker.isActive(state.self(), peer, state.ticks));
  }

  /** Whether the commit index moved. */
  boolean apply(Membership changed) {
    state.tracker.adopt(changed, state.log.lastIndex(), state.ticks);
    if (!state.isLeader()) {
      return false;
    }
    if (!changed.isVoter(state.self())) {
      elections.becomeFollower(state.term, 0);
      return false;
    }
    // A lease rests on a quorum of the membership in force: two changes could otherwise outrun it.
    state.tracker.forgetRounds();
    reads.onMembershipChanged();
    transfer.onMembershipChanged();
    boolean committed = replication.advanceCommit();
    replication.broadcastAppend();
    return committed;
  }

  /** Leaves the joint state once the entry that entered it is applied. */
  void leaveJointIfDue() {
    if (state.isLeader()
        && state.tracker.membership().autoLeave()
        && state.pendingMembershipIndex <= state.log.applied()) {
      propose(MembershipChange.leaveJoint());
    }
  }

  Entry propose(MembershipChange change) {
    Entry entry = replication.append(EntryType.MEMBERSHIP, change.encode());
    state.pendingMembershipIndex = entry.index();
    replication.broadcastAppend();
    return entry;
  }
}
