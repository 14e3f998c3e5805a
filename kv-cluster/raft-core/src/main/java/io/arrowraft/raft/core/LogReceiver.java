package io.arrowraft.raft.core;

import java.util.List;

/** The follower's side of the log. */
final class LogReceiver {
  private final NodeState state;

  LogReceiver(NodeState state) {
    this.state = state;
  }

  void onAppend(Message.AppendRequest request) {
    if (request.previousIndex() < state.log.committed()) {
      accept(request.from(), state.log.committed());
      return;
    }
    long lastNew =
        state.log.append(
            request.previousIndex(), request.previousTerm(), request.entries(), request.commit());
    if (lastNew != RaftLog.UNKNOWN) {
      accept(request.from(), lastNew);
      return;
    }
    // Skip a whole term at a time: no entry above the hint can be in the leader's log.
    long hint = Math.min(request.previousIndex(), state.log.lastIndex());
    hint = state.log.lastIndexNotAfter(hint, request.previousTerm());
    long hintTerm = Math.max(0, state.log.term(hint));
    state.messagesAfterPersist.add(
        new Message.AppendResponse(
            state.self(),
            request.from(),
            state.term,
            request.previousIndex(),
            true,
            hint,
            hintTerm));
  }

  void onHeartbeat(Message.HeartbeatRequest request) {
    state.roundSeen = Math.max(state.roundSeen, request.round());
    state.log.commitTo(request.commit());
    // A replica without a snapshot leaves no trace of what it promises, so it promises nothing: no
    // round of the leader
    // counts as acknowledged by it.
    boolean initialised = !state.tracker.membership().voters().isEmpty();
    state.messages.add(
        new Message.HeartbeatResponse(
            state.self(), request.from(), state.term, initialised ? request.round() : 0));
  }

  void onSnapshot(Message.InstallSnapshot request) {
    Snapshot snapshot = request.snapshot();
    if (snapshot.index() <= state.log.committed()) {
      accept(request.from(), state.log.committed());
      return;
    }
    if (state.log.matches(snapshot.index(), snapshot.term())) {
      // The log has it all; only the commit index was behind.
      state.log.commitTo(snapshot.index());
      accept(request.from(), state.log.committed());
      return;
    }
    // Its membership comes into force when it is installed: older changes may still be on their way
    // through the state
    // machine, and until then this node neither votes for itself nor leads.
    state.log.restore(snapshot);
    accept(request.from(), state.log.lastIndex());
  }

  private void accept(long leader, long index) {
    List<Message> waiting = state.messagesAfterPersist;
    int last = waiting.size() - 1;
    if (last >= 0
        && waiting.get(last) instanceof Message.AppendResponse earlier
        && !earlier.rejected()
        && earlier.to() == leader
        && earlier.term() == state.term
        && earlier.index() <= index) {
      // One acknowledgement speaks for all before it.
      waiting.remove(last);
    }
    waiting.add(new Message.AppendResponse(state.self(), leader, state.term, index, false, 0, 0));
  }
}
