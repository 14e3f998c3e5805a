package io.arrowraft.raft.core;

/** One membership change at a time, in force when it is applied. */
final class MembershipChanges {
  private final NodeState state;
  private final Replication replication;
  private final Reads reads;
  private final LeaderTransfer transfer;

  MembershipChanges(
      NodeState state, Replication replication, Reads reads, LeaderTransfer transfer) {
    this.state = state;
    this.replication = replication;
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
    if (!after.voters().contains(state.self())) {
      // With it would go the one log that is sure to hold the change, perhaps before anybody else
      // knows that the change is
      // committed; and those who do not know still need the vote of a node that is ahead of them.
      return new ProposeResult.MembershipChangeInvalid(
          "the leader would lose its vote: hand leadership over first");
    }
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
    // A lease rests on a quorum of the membership in force: two changes could otherwise outrun it.
    state.tracker.forgetRounds();
    reads.onMembershipChanged();
    transfer.onMembershipChanged();
    // Newcomers are to be probed.
    state.commitToSend = true;
    boolean committed = replication.advanceCommit();
    retireIfDue();
    return committed;
  }

  /**
   * A leader that has lost its vote, by a change that an earlier leader proposed, goes on until a
   * voter can take over: it may be the only one to know what is committed.
   */
  void retireIfDue() {
    Membership membership = state.tracker.membership();
    if (!state.isLeader() || transfer.target() != 0 || membership.voters().contains(state.self())) {
      return;
    }
    long successor = 0;
    long match = -1;
    for (long voter : membership.voters()) {
      long reached = state.tracker.peer(voter).match();
      if (reached > match && state.tracker.isActive(state.self(), voter, state.ticks)) {
        successor = voter;
        match = reached;
      }
    }
    if (successor != 0) {
      transfer.start(successor);
    }
  }

  /** Leaves the joint state once the entry that entered it is applied. */
  void leaveJointIfDue() {
    if (state.isLeader()
        && state.tracker.membership().autoLeave()
        && state.tracker.membership().voters().contains(state.self())
        && state.pendingMembershipIndex <= state.log.applied()) {
      propose(MembershipChange.leaveJoint());
    }
  }

  Entry propose(MembershipChange change) {
    Entry entry = replication.append(EntryType.MEMBERSHIP, change.encode());
    state.pendingMembershipIndex = entry.index();
    return entry;
  }
}
