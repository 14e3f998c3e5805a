package io.arrowraft.raft.core;

import java.util.List;

/** Terms, votes and changes of role. */
final class Elections {
  private static final long SCAN_BYTES = 1 << 20;

  private final NodeState state;
  private final Replication replication;
  private final Reads reads;
  private final LeaderTransfer transfer;

  Elections(NodeState state, Replication replication, Reads reads, LeaderTransfer transfer) {
    this.state = state;
    this.replication = replication;
    this.reads = reads;
    this.transfer = transfer;
  }

  /** Deals with the message's term; says whether the message is to be handled further. */
  boolean admit(Message message) {
    if (breaksPromise(message)) {
      return false;
    }
    if (message.term() > state.term) {
      boolean changesNothing =
          message instanceof Message.PreVoteRequest
              || (message instanceof Message.PreVoteResponse response && response.granted());
      if (!changesNothing) {
        becomeFollower(message.term(), isFromLeader(message) ? message.from() : 0);
      }
      return true;
    }
    if (message.term() < state.term) {
      answerOutdated(message);
      return false;
    }
    return true;
  }

  /**
   * Without this a node that lost its leader could take the votes on which a living leader's lease
   * rests.
   */
  private boolean breaksPromise(Message message) {
    boolean asksForVote =
        message instanceof Message.PreVoteRequest
            || (message instanceof Message.VoteRequest request && !request.transfer());
    if (!asksForVote || message.term() < state.term) {
      return false;
    }
    return state.inVotePause() || (message.term() > state.term && state.trustsLeader());
  }

  private static boolean isFromLeader(Message message) {
    return message instanceof Message.AppendRequest
        || message instanceof Message.HeartbeatRequest
        || message instanceof Message.Rest
        || message instanceof Message.InstallSnapshot;
  }

  private void answerOutdated(Message message) {
    if (isFromLeader(message)) {
      // A leader of an older term learns of the newer one; otherwise a node that came back with a
      // higher term, whose
      // vote requests nobody hears because a leader is alive, would stay apart for ever.
      state.messagesAfterPersist.add(
          new Message.AppendResponse(state.self(), message.from(), state.term, 0, true, 0, 0));
    } else if (message instanceof Message.PreVoteRequest) {
      refusePreVote(message.from());
    }
  }

  boolean isPromotable() {
    return state.tracker.membership().isVoter(state.self()) && !state.log.hasPendingSnapshot();
  }

  /** Whether an election began. */
  boolean campaign(boolean byTransfer) {
    if (state.isLeader() || !isPromotable() || hasUnappliedMembershipChange()) {
      return false;
    }
    if (byTransfer) {
      becomeCandidate(true);
    } else {
      becomePreCandidate();
    }
    return true;
  }

  /** Such a node may count votes by a membership that the group has left. */
  private boolean hasUnappliedMembershipChange() {
    long next = state.log.applied() + 1;
    long end = state.log.committed() + 1;
    while (next < end) {
      List<Entry> page = state.log.slice(next, end, SCAN_BYTES);
      for (Entry entry : page) {
        if (entry.type() == EntryType.MEMBERSHIP) {
          return true;
        }
      }
      next += page.size();
    }
    return false;
  }

  private void becomePreCandidate() {
    state.role = RaftRole.PRE_CANDIDATE;
    state.leaderId = 0;
    state.electionElapsed = 0;
    state.drawElectionTimeout();
    state.tracker.forgetVotes();
    for (long peer : state.tracker.membership().peers()) {
      if (peer != state.self() && state.tracker.membership().isVoter(peer)) {
        state.messages.add(
            new Message.PreVoteRequest(
                state.self(), peer, state.term + 1, state.log.lastIndex(), state.log.lastTerm()));
      }
    }
    // A pre-vote promises nothing, so the own one needs no disk.
    countPreVote(state.self(), true);
  }

  private void becomeCandidate(boolean byTransfer) {
    reset(state.term + 1);
    state.role = RaftRole.CANDIDATE;
    state.vote = state.self();
    for (long peer : state.tracker.membership().peers()) {
      if (peer != state.self() && state.tracker.membership().isVoter(peer)) {
        // After the disk: otherwise a grant could outlive a crash in which this node lost the log
        // that it was given for.
        state.messagesAfterPersist.add(
            new Message.VoteRequest(
                state.self(),
                peer,
                state.term,
                state.log.lastIndex(),
                state.log.lastTerm(),
                byTransfer));
      }
    }
  }

  void becomeFollower(long term, long leaderId) {
    reset(term);
    state.role = RaftRole.FOLLOWER;
    state.leaderId = leaderId;
  }

  private void becomeLeader() {
    reset(state.term);
    state.role = RaftRole.LEADER;
    state.leaderId = state.self();
    // There may be an unapplied change anywhere in the log inherited from earlier leaders.
    state.pendingMembershipIndex = state.log.lastIndex();
    replication.becomeLeader();
    // Before anything else, so that the lease and the reads of this term wait for one round trip
    // only.
    replication.broadcastHeartbeat();
    replication.append(EntryType.NORMAL, new byte[0]);
  }

  private void reset(long term) {
    if (state.term != term) {
      InvariantViolation.check(term > state.term, "the term went back", term, state.term);
      state.term = term;
      state.vote = 0;
      state.roundSeen = 0;
    }
    state.leaderId = 0;
    state.resting = false;
    state.electionElapsed = 0;
    state.heartbeatElapsed = 0;
    state.round = 0;
    state.drawElectionTimeout();
    state.tracker.reset(state.tracker.membership(), state.log.lastIndex(), state.ticks);
    state.pendingMembershipIndex = 0;
    state.uncommittedBytes = 0;
    state.entriesToSend = false;
    state.commitToSend = false;
    state.commitUntold = false;
    state.announcedIndex = 0;
    reads.reset();
    transfer.reset();
  }

  void onPreVoteRequest(Message.PreVoteRequest request) {
    boolean granted =
        request.term() > state.term
            && state.log.isUpToDate(request.lastIndex(), request.lastTerm());
    if (granted) {
      state.messagesAfterPersist.add(
          new Message.PreVoteResponse(
              state.self(),
              request.from(),
              request.term(),
              true,
              state.log.committed(),
              commitTerm()));
    } else {
      refusePreVote(request.from());
    }
  }

  private void refusePreVote(long candidate) {
    state.messagesAfterPersist.add(
        new Message.PreVoteResponse(
            state.self(), candidate, state.term, false, state.log.committed(), commitTerm()));
  }

  private long commitTerm() {
    return Math.max(0, state.log.term(state.log.committed()));
  }

  void onVoteRequest(Message.VoteRequest request) {
    boolean free = state.vote == request.from() || (state.vote == 0 && state.leaderId == 0);
    boolean granted = free && state.log.isUpToDate(request.lastIndex(), request.lastTerm());
    if (granted) {
      state.electionElapsed = 0;
      state.vote = request.from();
    }
    state.messagesAfterPersist.add(
        new Message.VoteResponse(
            state.self(),
            request.from(),
            state.term,
            granted,
            state.log.committed(),
            commitTerm()));
  }

  void onPreVoteResponse(Message.PreVoteResponse response) {
    boolean answersThisAttempt = !response.granted() || response.term() == state.term + 1;
    if (learnsOfChange(response.commit(), response.commitTerm())) {
      return;
    }
    if (state.role == RaftRole.PRE_CANDIDATE && answersThisAttempt) {
      countPreVote(response.from(), response.granted());
    }
  }

  private void countPreVote(long peer, boolean granted) {
    switch (state.tracker.vote(peer, granted)) {
      case WON -> becomeCandidate(false);
      case LOST -> becomeFollower(state.term, 0);
      case PENDING -> {}
    }
  }

  void onVoteResponse(Message.VoteResponse response) {
    if (learnsOfChange(response.commit(), response.commitTerm())) {
      return;
    }
    if (state.role == RaftRole.CANDIDATE) {
      countVote(response.from(), response.granted());
    }
  }

  /**
   * Commits what the voter knows to be committed and is in this log too. Whoever has applied its
   * own removal can neither lead nor be outvoted, and may have the longer log: its answers are all
   * that tells the others that they can do without it.
   *
   * @return whether that ends this candidacy, since its votes are asked of a membership that the
   *     group has left
   */
  private boolean learnsOfChange(long commit, long commitTerm) {
    if (state.isLeader()
        || commit <= state.log.committed()
        || !state.log.matches(commit, commitTerm)) {
      return false;
    }
    state.log.commitTo(commit);
    boolean candidate = state.role == RaftRole.PRE_CANDIDATE || state.role == RaftRole.CANDIDATE;
    if (!candidate || !hasUnappliedMembershipChange()) {
      return false;
    }
    becomeFollower(state.term, 0);
    return true;
  }

  /** The own vote counts like any other: when it is durable. */
  void onOwnVotePersisted() {
    if (state.role == RaftRole.CANDIDATE) {
      countVote(state.self(), true);
    }
  }

  private void countVote(long peer, boolean granted) {
    switch (state.tracker.vote(peer, granted)) {
      case WON -> becomeLeader();
      case LOST -> becomeFollower(state.term, 0);
      case PENDING -> {}
    }
  }
}
