package io.arrowraft.raft.core;

import io.arrowraft.raft.core.RaftStatus.PeerMode;

/**
 * Lets a group that has nothing to do stop its timers. A leader whose followers have everything
 * tells them so and falls silent; they stop waiting for it. Whatever happens to any of them wakes
 * it, and it wakes the others: a leader by a heartbeat, a follower through its leader. That the
 * leader is still there while all are silent is for the owner to watch ({@link #leaderLost}). The
 * idea is CockroachDB's quiescence.
 *
 * <p>Nothing rests on it: a resting leader holds no lease once its last heartbeat round is too old,
 * and a resting follower keeps its promise for as long as an awake one, or longer.
 */
final class Resting {
  private final NodeState state;
  private final Replication replication;
  private final Reads reads;
  private final LeaderTransfer transfer;

  Resting(NodeState state, Replication replication, Reads reads, LeaderTransfer transfer) {
    this.state = state;
    this.replication = replication;
    this.reads = reads;
    this.transfer = transfer;
  }

  /** Whether this leader fell silent: nothing is under way, and everybody has everything. */
  boolean begin() {
    if (state.resting || !state.isLeader() || !isQuiet()) {
      return false;
    }
    for (long peer : state.tracker.peers().keySet()) {
      if (peer != state.self()) {
        state.messages.add(
            new Message.Rest(state.self(), peer, state.term, state.log.lastIndex(), state.round));
      }
    }
    state.commitUntold = false;
    state.resting = true;
    return true;
  }

  private boolean isQuiet() {
    long last = state.log.lastIndex();
    if (state.log.applied() != last
        || state.log.committed() != last
        || !state.hasCommittedInTerm()
        || state.tracker.membership().isJoint()
        || state.pendingMembershipIndex > last
        || transfer.target() != 0
        || reads.pending() > 0
        || reads.isRoundWanted()
        || replication.hasNews()
        || !state.messages.isEmpty()
        || !state.messagesAfterPersist.isEmpty()) {
      return false;
    }
    for (var each : state.tracker.peers().entrySet()) {
      Progress progress = each.getValue();
      boolean lags = progress.match() != last || progress.mode() != PeerMode.REPLICATE;
      boolean silent = !state.tracker.isActive(state.self(), each.getKey(), state.ticks);
      if (lags || silent) {
        return false;
      }
    }
    return true;
  }

  /** The leader falls silent. A follower that has heard or got something else stays awake. */
  void onRest(Message.Rest message) {
    if (message.round() < state.roundSeen || message.index() != state.log.lastIndex()) {
      return;
    }
    // A heartbeat that arrives late does not wake anybody.
    state.roundSeen = message.round();
    state.log.commitTo(message.index());
    state.resting = true;
  }

  /** Looks at a message before it is handled. */
  void onMessage(Message message) {
    if (state.resting && disturbs(message)) {
      wake(message.from() != state.leaderId);
    }
  }

  private boolean disturbs(Message message) {
    if (message.term() > state.term) {
      return true;
    }
    if (message.term() < state.term && !(message instanceof Message.PreVoteRequest)) {
      return false;
    }
    if (message instanceof Message.HeartbeatRequest heartbeat) {
      return heartbeat.round() > state.roundSeen;
    }
    if (message instanceof Message.HeartbeatResponse response) {
      return response.round() == 0;
    }
    if (message instanceof Message.AppendResponse response) {
      return response.rejected();
    }
    // Answers come late and ask for nothing.
    return !(message instanceof Message.Rest
        || message instanceof Message.PreVoteResponse
        || message instanceof Message.VoteResponse
        || message instanceof Message.ReadIndexResponse);
  }

  /** Something is asked of this replica. */
  void wake() {
    wake(true);
  }

  private void wake(boolean tellLeader) {
    if (!state.resting) {
      return;
    }
    state.resting = false;
    if (state.isLeader()) {
      // Whoever was silent with the leader has a full timeout to answer.
      state.electionElapsed = 0;
      replication.broadcastHeartbeat();
      reads.onRoundStarted();
    } else if (tellLeader && state.leaderId != 0) {
      state.messages.add(
          new Message.HeartbeatResponse(state.self(), state.leaderId, state.term, 0));
    }
  }

  /**
   * The leader's store does not answer, or has been started anew.
   *
   * @param ticksSlept whole intervals of a tick that have passed for certain since this follower
   *     fell silent: what it promised to the leader then may be over
   */
  void leaderLost(long ticksSlept) {
    if (!state.resting || state.isLeader()) {
      return;
    }
    state.resting = false;
    state.electionElapsed =
        (int) Math.min(state.options.electionTicks(), state.electionElapsed + ticksSlept);
    // So that not all followers stand for election at once.
    state.drawElectionTimeout();
  }
}
