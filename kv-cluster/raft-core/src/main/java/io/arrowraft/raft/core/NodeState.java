package io.arrowraft.raft.core;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What the parts of one node share. Package-private fields: the parts are one machine, cut by
 * concern.
 */
final class NodeState {
  final RaftOptions options;
  final RaftStorage storage;
  final RaftLog log;
  final ProgressTracker tracker;
  private final RandomGenerator random;

  long term;
  long vote;
  RaftRole role = RaftRole.FOLLOWER;
  long leaderId;

  /** Ticks since the start. */
  long ticks;

  /** Ticks since this node heard from a leader, voted, or (as leader) checked its quorum. */
  int electionElapsed;

  int heartbeatElapsed;
  int electionTimeout;

  /** The leader's latest heartbeat round; 0 unless leading. */
  long round;

  /** The latest round heard from the leader of this term. */
  long roundSeen;

  /** Timers stand still until something happens. */
  boolean resting;

  /** A membership change may be proposed once this index is applied. */
  long pendingMembershipIndex;

  long uncommittedBytes;

  /**
   * Followers lack entries; sent when the next Ready is taken, so that one message holds what came
   * together.
   */
  boolean entriesToSend;

  /** Followers are to hear of a commit index, even if there is no entry to send with it. */
  boolean commitToSend;

  /** The commit index has moved since followers were last told; they may hear of it later. */
  boolean commitUntold;

  /** Followers are to hear at once that this index is committed; 0 for none. */
  long announcedIndex;

  final List<Message> messages = new ArrayList<>();
  final List<Message> messagesAfterPersist = new ArrayList<>();
  final List<ReadState> readStates = new ArrayList<>();

  NodeState(RaftOptions options, RaftStorage storage, RandomGenerator random) {
    this.options = options;
    this.storage = storage;
    this.random = random;
    InitialState initial = storage.initialState();
    log = new RaftLog(storage, initial.hardState().commit(), options.applied());
    InvariantViolation.check(
        initial.membership().voters().isEmpty() || log.firstIndex() > 1,
        "a member's log begins above the bootstrap index",
        options.peerId(),
        log.firstIndex());
    // A replica made by a bootstrap or a split has a log but no hard state yet.
    term = Math.max(initial.hardState().term(), log.lastTerm());
    vote = term == initial.hardState().term() ? initial.hardState().vote() : 0;
    tracker = new ProgressTracker(options, initial.membership());
    tracker.reset(initial.membership(), log.lastIndex(), 0);
    drawElectionTimeout();
  }

  long self() {
    return options.peerId();
  }

  boolean isLeader() {
    return role == RaftRole.LEADER;
  }

  HardState hardState() {
    return new HardState(term, vote, log.committed());
  }

  void drawElectionTimeout() {
    electionTimeout = options.electionTicks() + random.nextInt(options.electionTicks());
  }

  void heardFromLeader() {
    electionElapsed = 0;
    if (electionTimeout >= 2 * options.electionTicks()) {
      drawElectionTimeout();
    }
  }

  boolean inVotePause() {
    return options.votePauseAfterStart() && ticks < options.electionTicks();
  }

  /** Whether this node promised its vote to a leader that it heard recently. */
  boolean trustsLeader() {
    return leaderId != 0 && electionElapsed < options.electionTicks();
  }

  boolean hasCommittedInTerm() {
    return log.term(log.committed()) == term;
  }

  Progress self(ProgressTracker of) {
    return of.peer(self());
  }
}
