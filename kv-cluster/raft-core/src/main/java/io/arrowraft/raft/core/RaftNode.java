package io.arrowraft.raft.core;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * One replica of one group. Inputs are messages, ticks, proposals and completions; after any of
 * them, while {@link #hasReady}, take {@link #ready} and do what it says. Dispatch happens here,
 * the logic of each concern has a class of its own.
 */
public final class RaftNode {
  private final NodeState state;
  private final Replication replication;
  private final Reads reads;
  private final LeaderTransfer transfer;
  private final Elections elections;
  private final LogReceiver receiver;
  private final MembershipChanges membershipChanges;
  private final Resting resting;
  private final ReadyIssuer issuer;

  /**
   * @param storage what is durable; read now, and later from within calls to this node
   * @param random draws election timeouts
   */
  public RaftNode(RaftOptions options, RaftStorage storage, RandomGenerator random) {
    state = new NodeState(options, storage, random);
    replication = new Replication(state);
    reads = new Reads(state);
    transfer = new LeaderTransfer(state, replication);
    elections = new Elections(state, replication, reads, transfer);
    receiver = new LogReceiver(state);
    membershipChanges = new MembershipChanges(state, replication, reads, transfer);
    resting = new Resting(state, replication, reads, transfer);
    issuer = new ReadyIssuer(state, replication, reads, transfer);
  }

  /** One unit of time has passed. */
  public void tick() {
    if (state.resting) {
      return;
    }
    state.ticks++;
    state.electionElapsed++;
    if (state.isLeader()) {
      tickLeader();
    } else if (state.electionElapsed >= state.electionTimeout) {
      if (!elections.isPromotable()) {
        return;
      }
      if (!elections.campaign(false)) {
        // Looking for the change that stands in the way reads the log: not on every tick.
        state.electionTimeout = state.electionElapsed + state.options.electionTicks();
      }
    }
  }

  private void tickLeader() {
    replication.tellCommit();
    state.heartbeatElapsed++;
    if (state.electionElapsed >= state.options.electionTicks()) {
      state.electionElapsed = 0;
      if (!state.tracker.hasActiveQuorum(state.self(), state.ticks)) {
        elections.becomeFollower(state.term, 0);
        return;
      }
      transfer.abort();
      membershipChanges.retireIfDue();
    }
    if (state.heartbeatElapsed >= state.options.heartbeatTicks()) {
      replication.broadcastHeartbeat();
      reads.onRoundStarted();
    }
  }

  /**
   * Handles a message from a peer.
   *
   * @throws IllegalArgumentException if it is addressed to somebody else
   * @throws InvariantViolation if it proves that the group is broken
   */
  public void step(Message message) {
    if (message.to() != state.self()) {
      throw new IllegalArgumentException("peer " + state.self() + " got " + message);
    }
    resting.onMessage(message);
    if (elections.admit(message)) {
      dispatch(message);
    }
  }

  private void dispatch(Message message) {
    if (message instanceof Message.AppendRequest request) {
      follow(message.from());
      receiver.onAppend(request);
    } else if (message instanceof Message.AppendResponse response) {
      onAppendResponse(response);
    } else if (message instanceof Message.HeartbeatRequest request) {
      follow(message.from());
      receiver.onHeartbeat(request);
    } else if (message instanceof Message.HeartbeatResponse response) {
      onHeartbeatResponse(response);
    } else if (message instanceof Message.Rest rest) {
      follow(message.from());
      resting.onRest(rest);
    } else if (message instanceof Message.PreVoteRequest request) {
      elections.onPreVoteRequest(request);
    } else if (message instanceof Message.PreVoteResponse response) {
      elections.onPreVoteResponse(response);
    } else if (message instanceof Message.VoteRequest request) {
      elections.onVoteRequest(request);
    } else if (message instanceof Message.VoteResponse response) {
      elections.onVoteResponse(response);
    } else if (message instanceof Message.InstallSnapshot request) {
      follow(message.from());
      receiver.onSnapshot(request);
    } else if (message instanceof Message.TimeoutNow request) {
      onTimeoutNow(request);
    } else if (message instanceof Message.ReadIndexRequest request) {
      onReadIndexRequest(request);
    } else if (message instanceof Message.ReadIndexResponse response) {
      state.readStates.add(new ReadState(response.index(), response.context()));
    } else {
      throw new InvariantViolation("unknown kind of message: " + message);
    }
  }

  private void follow(long leader) {
    if (state.isLeader()) {
      throw new InvariantViolation(
          "two leaders in term " + state.term + ": " + state.self() + ", " + leader);
    }
    if (state.role != RaftRole.FOLLOWER || state.leaderId != leader) {
      InvariantViolation.check(
          state.leaderId == 0 || state.leaderId == leader,
          "two leaders in one term",
          state.leaderId,
          leader);
      elections.becomeFollower(state.term, leader);
    }
    state.heardFromLeader();
  }

  private void onAppendResponse(Message.AppendResponse response) {
    if (!state.isLeader()) {
      return;
    }
    if (replication.onAppendResponse(response)) {
      reads.onCommitted();
    }
    transfer.onProgress(response.from());
  }

  private void onHeartbeatResponse(Message.HeartbeatResponse response) {
    if (!state.isLeader()) {
      return;
    }
    replication.onHeartbeatResponse(response);
    transfer.onRoundAcknowledgedBy(response.from(), response.round());
    reads.onRoundAcknowledged();
  }

  private void onTimeoutNow(Message.TimeoutNow request) {
    boolean current =
        request.from() == state.leaderId
            && state.roundSeen != 0
            && request.round() >= state.roundSeen;
    if (state.role == RaftRole.FOLLOWER && current) {
      elections.campaign(true);
    }
  }

  private void onReadIndexRequest(Message.ReadIndexRequest request) {
    // A request that cannot be served is dropped: the follower asks again before its deadline.
    if (state.isLeader() && reads.hasRoom()) {
      reads.add(request.from(), request.context());
    }
  }

  /**
   * Appends data to the leader's log.
   *
   * @param data shared, not copied; not empty, since an empty entry marks the beginning of a term
   */
  public ProposeResult propose(byte[] data) {
    resting.wake();
    Objects.requireNonNull(data, "data");
    if (data.length == 0) {
      throw new IllegalArgumentException("an empty proposal is the mark of a new leader");
    }
    ProposeResult.Refused refusal = refusal(data.length);
    if (refusal != null) {
      return refusal;
    }
    Entry entry = replication.append(EntryType.NORMAL, data);
    return new ProposeResult.Accepted(entry.index(), entry.term());
  }

  /**
   * Proposes a membership change; it is in force when the owner applies it by {@link
   * #applyMembershipChange}.
   */
  public ProposeResult proposeMembership(MembershipChange change) {
    resting.wake();
    ProposeResult.Refused refusal = refusal(0);
    if (refusal == null) {
      refusal = membershipChanges.refusal(change);
    }
    if (refusal != null) {
      return refusal;
    }
    Entry entry = membershipChanges.propose(change);
    return new ProposeResult.Accepted(entry.index(), entry.term());
  }

  /**
   * Followers are to hear at once when the entry at {@code index} is committed, even if they hear
   * of others later ({@link RaftOptions#lazyCommitNotice}). One index at a time: the latest counts.
   */
  public void announceCommit(long index) {
    state.announcedIndex = index;
    if (index <= state.log.committed()) {
      replication.tellCommit();
    }
  }

  private ProposeResult.Refused refusal(int bytes) {
    if (!state.isLeader()) {
      return new ProposeResult.NotLeader(state.leaderId);
    }
    if (transfer.target() != 0) {
      return new ProposeResult.Transferring(transfer.target());
    }
    return replication.hasRoomFor(bytes)
        ? null
        : new ProposeResult.TooManyUncommitted(state.uncommittedBytes);
  }

  /**
   * A membership entry has been applied. To be called for every such entry that took effect, in
   * order, before {@link #onApplied} of its index.
   *
   * @return the membership now in force, for the owner to keep with its applied state
   * @throws InvariantViolation if the change does not fit: replicas would diverge
   */
  public Membership applyMembershipChange(MembershipChange change) {
    Membership current = state.tracker.membership();
    Optional<String> problem = current.problemWith(change);
    if (problem.isPresent()) {
      throw new InvariantViolation(
          "committed membership change does not apply: " + problem.get() + "; " + current);
    }
    Membership changed = current.after(change);
    if (membershipChanges.apply(changed)) {
      reads.onCommitted();
    }
    return changed;
  }

  /**
   * Begins an election without waiting for the timeout.
   *
   * @return false if this node may not: it leads already, has no vote, must first apply a
   *     membership change, or has promised its vote to a leader (also one forgotten in a restart)
   *     whose lease may still run
   */
  public boolean campaign() {
    resting.wake();
    boolean promised = state.trustsLeader() || state.inVotePause();
    boolean alone = state.tracker.membership().isSoleVoter(state.self());
    return (alone || !promised) && elections.campaign(false);
  }

  /** Begins to hand leadership to the peer. From this call on no lease may be relied upon. */
  public TransferResult transferLeader(long peer) {
    resting.wake();
    return transfer.start(peer);
  }

  /**
   * Asks for a read index.
   *
   * @param context returned in the {@link ReadState}; unique to this attempt, since answers may be
   *     late or lost
   */
  public ReadIndexResult readIndex(byte[] context) {
    resting.wake();
    Objects.requireNonNull(context, "context");
    if (state.isLeader()) {
      if (!reads.hasRoom()) {
        return new ReadIndexResult.TooManyPending(reads.pending());
      }
      reads.add(state.self(), context);
      return new ReadIndexResult.Started();
    }
    if (state.leaderId == 0) {
      return new ReadIndexResult.NoLeader();
    }
    state.messages.add(
        new Message.ReadIndexRequest(state.self(), state.leaderId, state.term, context));
    return new ReadIndexResult.Started();
  }

  /**
   * Stops the timers of the whole group, if this node leads, nothing is under way and every peer
   * has everything. A resting node ignores ticks; whatever is asked of it, and every message that
   * is more than a late answer, wakes it and then the group.
   *
   * @return whether it rests now
   */
  public boolean rest() {
    return resting.begin();
  }

  /** Whether this node waits for something to happen, and not for time to pass. */
  public boolean isResting() {
    return state.resting;
  }

  /** Ends the rest of the group, if there is one. */
  public void wake() {
    resting.wake();
  }

  /**
   * Ends the rest of this follower, because its leader may be gone.
   *
   * @param ticksSlept whole intervals of a tick that have passed for certain since the rest began
   */
  public void leaderLost(long ticksSlept) {
    resting.leaderLost(ticksSlept);
  }

  /**
   * Ticks since this node last heard of its leader or stood for election. Only one without a vote
   * waits so for long; it goes on naming the leader that it last had.
   */
  public int silentTicks() {
    return state.isLeader() ? 0 : state.electionElapsed;
  }

  public boolean hasReady() {
    return issuer.hasReady();
  }

  /** Hands out all pending work; see {@link Ready}. May be empty if there is none. */
  public Ready ready() {
    return issuer.ready();
  }

  /** The write with this name, and all before it, are durable. */
  public void onPersisted(Persisted write) {
    issuer.onPersisted(write);
    if (write.snapshotIndex() != 0) {
      Snapshot installed = state.log.snapshotInstalled(write.snapshotIndex());
      if (installed != null) {
        state.tracker.reset(installed.membership(), state.log.lastIndex(), state.ticks);
      }
    }
    if (write.term() != state.term) {
      // A newer term has a write of its own on the way, and that one speaks for the log as it is
      // now.
      return;
    }
    state.log.persisted(write.lastIndex(), write.lastTerm());
    if (state.isLeader()) {
      if (replication.onOwnPersisted(write.lastIndex())) {
        reads.onCommitted();
      }
    } else if (state.vote == state.self()) {
      elections.onOwnVotePersisted();
    }
  }

  /**
   * Whether the node goes on as soon as its writes are durable: it stands for election, or it leads
   * and all that a commit lacks is its own acknowledgement, or what is committed by others may not
   * be applied before it is durable here. If not, {@link #onPersisted} may come with the next
   * input: a follower applies for nobody who waits.
   */
  public boolean awaitsPersisted() {
    return switch (state.role) {
      case LEADER ->
          state.tracker.committedWithOwn(state.self(), state.log.lastIndex())
                  > state.log.committed()
              || state.log.hasCommittedToPersist();
      case FOLLOWER -> state.log.hasPendingSnapshot();
      case PRE_CANDIDATE, CANDIDATE -> true;
    };
  }

  /** The state machine has applied everything up to {@code index}. */
  public void onApplied(long index) {
    state.log.appliedTo(index);
    membershipChanges.leaveJointIfDue();
  }

  /** Entries that the storage had to read for a peer are there; see {@link RaftStorage#fetch}. */
  public void onFetched(long peer) {
    if (state.isLeader()) {
      replication.onFetched(peer);
    }
  }

  /** Messages to the peer are being lost. */
  public void reportUnreachable(long peer) {
    if (state.isLeader()) {
      resting.wake();
      replication.onUnreachable(peer);
    }
  }

  /**
   * Tells how sending a snapshot ended. To be called for every snapshot message, or its peer waits
   * for ever.
   */
  public void reportSnapshot(long peer, boolean delivered) {
    if (state.isLeader()) {
      replication.onSnapshotReport(peer, delivered);
    }
  }

  public long term() {
    return state.term;
  }

  public RaftRole role() {
    return state.role;
  }

  /** The leader of this term; 0 if unknown. */
  public long leaderId() {
    return state.leaderId;
  }

  public long committed() {
    return state.log.committed();
  }

  public long applied() {
    return state.log.applied();
  }

  /** Whether a snapshot was accepted that {@link #onPersisted} has not been told of. */
  public boolean awaitsSnapshot() {
    return state.log.hasPendingSnapshot();
  }

  public Membership membership() {
    return state.tracker.membership();
  }

  /** Whether an entry of this node's term is committed: before that a leader confirms no read. */
  public boolean hasCommittedInTerm() {
    return state.hasCommittedInTerm();
  }

  /**
   * Entries of the log, cut at the byte limit but for the first.
   *
   * @param low not compacted
   * @param high exclusive; at most one past the last entry
   */
  public List<Entry> entries(long low, long high, long bytesMax) {
    return low >= high ? List.of() : state.log.slice(low, high, bytesMax);
  }

  public RaftStatus status() {
    return new RaftStatus(
        state.self(),
        state.term,
        state.role,
        state.leaderId,
        state.log.committed(),
        state.log.applied(),
        state.log.firstIndex(),
        state.log.lastIndex(),
        state.tracker.membership(),
        transfer.target(),
        state.isLeader() ? state.tracker.status(state.self(), state.ticks) : List.of());
  }
}
