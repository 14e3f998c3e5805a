package io.arrowraft.raft.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Turns pending work into a {@link Ready}, and remembers which writes are on their way. */
final class ReadyIssuer {
  private final NodeState state;
  private final Replication replication;
  private final Reads reads;
  private final LeaderTransfer transfer;
  private final ArrayDeque<Persisted> writes = new ArrayDeque<>();
  private HardState issuedHardState;
  private RaftRole issuedRole = RaftRole.FOLLOWER;
  private long issuedLeader;
  private long issuedRound;
  private long issuedLeaseRound;

  ReadyIssuer(NodeState state, Replication replication, Reads reads, LeaderTransfer transfer) {
    this.state = state;
    this.replication = replication;
    this.reads = reads;
    this.transfer = transfer;
    issuedHardState = state.hardState();
  }

  boolean hasReady() {
    return !state.messages.isEmpty()
        || !state.messagesAfterPersist.isEmpty()
        || !state.readStates.isEmpty()
        || reads.isRoundWanted()
        || replication.hasNews()
        || state.role != issuedRole
        || state.leaderId != issuedLeader
        || state.log.hasUnissued()
        || !state.hardState().equals(issuedHardState)
        || state.log.hasCommittedToApply(state.options.applyingBytesMax())
        || leaseRound() != issuedLeaseRound;
  }

  private long leaseRound() {
    return state.isLeader() && !transfer.endangersLease()
        ? state.tracker.quorumRound(state.self(), state.round)
        : 0;
  }

  Ready ready() {
    if (reads.isRoundWanted()) {
      replication.broadcastHeartbeat();
      reads.onRoundStarted();
    }
    if (replication.hasNews()) {
      replication.broadcastNews();
    }
    HardState hardState = state.hardState();
    boolean promisesChanged = !hardState.samePromises(issuedHardState);
    Optional<HardState> changedHardState =
        hardState.equals(issuedHardState) ? Optional.empty() : Optional.of(hardState);
    Optional<Snapshot> snapshot = Optional.ofNullable(state.log.issueSnapshot());
    List<Entry> entries = state.log.issueEntries();
    boolean mustSync = promisesChanged || snapshot.isPresent() || !entries.isEmpty();

    List<Message> messages = new ArrayList<>(state.messages);
    List<Message> after = new ArrayList<>(state.messagesAfterPersist);
    if (!mustSync && writes.isEmpty()) {
      // What these messages promise is durable already.
      messages.addAll(after);
      after.clear();
    }
    Optional<Persisted> persist = Optional.empty();
    if (mustSync || !after.isEmpty()) {
      persist =
          Optional.of(
              new Persisted(
                  state.term,
                  state.log.lastIndex(),
                  state.log.lastTerm(),
                  snapshot.map(Snapshot::index).orElse(0L)));
      writes.addLast(persist.get());
    }
    List<Entry> committed =
        state.log.issueCommitted(
            state.options.committedBytesMax(), state.options.applyingBytesMax());
    releaseUncommitted(committed);
    long leaseRound = leaseRound();
    Ready ready =
        new Ready(
            state.role,
            state.leaderId,
            state.term,
            changedHardState,
            entries,
            snapshot,
            messages,
            after,
            persist,
            mustSync,
            committed,
            new ArrayList<>(state.readStates),
            state.round > issuedRound ? state.round : 0,
            leaseRound);
    issuedHardState = hardState;
    issuedRole = state.role;
    issuedLeader = state.leaderId;
    issuedRound = state.round;
    issuedLeaseRound = leaseRound;
    state.messages.clear();
    state.messagesAfterPersist.clear();
    state.readStates.clear();
    return ready;
  }

  private void releaseUncommitted(List<Entry> committed) {
    long bytes = 0;
    for (Entry entry : committed) {
      bytes += entry.data().length;
    }
    state.uncommittedBytes = Math.max(0, state.uncommittedBytes - bytes);
  }

  void onPersisted(Persisted write) {
    Persisted oldest = writes.pollFirst();
    if (!write.equals(oldest)) {
      throw new InvariantViolation(
          "writes are acknowledged once and in order: got " + write + ", expected " + oldest);
    }
  }
}
