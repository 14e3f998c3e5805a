package io.arrowraft.raft.core;

import java.util.ArrayDeque;

/**
 * Linearizable reads without a log entry (dissertation, 6.4): note the commit index, then wait
 * until a quorum has answered a heartbeat that was sent after the read arrived.
 */
final class Reads {
  private record Waiting(long from, byte[] context) {}

  private record Confirming(long from, byte[] context, long index, long round) {}

  private final NodeState state;

  /**
   * Until an entry of this term is committed the commit index may lag behind what an earlier leader
   * acknowledged.
   */
  private final ArrayDeque<Waiting> waitingForCommit = new ArrayDeque<>();

  private final ArrayDeque<Confirming> confirming = new ArrayDeque<>();

  /**
   * Reads wait for a round that is not sent yet; one round serves all that arrive before the next
   * Ready.
   */
  private boolean roundWanted;

  Reads(NodeState state) {
    this.state = state;
  }

  void reset() {
    waitingForCommit.clear();
    confirming.clear();
    roundWanted = false;
  }

  boolean isRoundWanted() {
    return roundWanted;
  }

  void onRoundStarted() {
    roundWanted = false;
    onRoundAcknowledged();
  }

  int pending() {
    return waitingForCommit.size() + confirming.size();
  }

  boolean hasRoom() {
    return pending() < state.options.pendingReadsMax();
  }

  void add(long from, byte[] context) {
    if (state.hasCommittedInTerm()) {
      confirm(from, context);
    } else {
      waitingForCommit.add(new Waiting(from, context));
    }
  }

  void onCommitted() {
    if (waitingForCommit.isEmpty() || !state.hasCommittedInTerm()) {
      return;
    }
    while (!waitingForCommit.isEmpty()) {
      Waiting read = waitingForCommit.removeFirst();
      confirm(read.from(), read.context());
    }
  }

  private void confirm(long from, byte[] context) {
    if (state.tracker.membership().isSoleVoter(state.self())) {
      release(from, context, state.log.committed());
      return;
    }
    confirming.add(new Confirming(from, context, state.log.committed(), state.round + 1));
    roundWanted = true;
  }

  void onRoundAcknowledged() {
    long acknowledged = state.tracker.quorumRound(state.self(), state.round);
    while (!confirming.isEmpty() && confirming.peekFirst().round() <= acknowledged) {
      Confirming read = confirming.removeFirst();
      release(read.from(), read.context(), read.index());
    }
  }

  /** The acknowledgements counted so far belong to another membership: ask again. */
  void onMembershipChanged() {
    if (!confirming.isEmpty()) {
      roundWanted = true;
    }
  }

  private void release(long from, byte[] context, long index) {
    if (from == state.self()) {
      state.readStates.add(new ReadState(index, context));
    } else {
      // The follower can serve the read only when it knows that the index is committed.
      state.commitToSend |= state.commitUntold;
      state.messages.add(
          new Message.ReadIndexResponse(state.self(), from, state.term, index, context));
    }
  }
}
