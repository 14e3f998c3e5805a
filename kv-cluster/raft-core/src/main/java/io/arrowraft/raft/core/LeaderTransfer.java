package io.arrowraft.raft.core;

import java.util.TreeMap;

/** Handing leadership to a chosen peer (dissertation, 3.10), and what that does to the lease. */
final class LeaderTransfer {
  private final NodeState state;
  private final Replication replication;
  private long target;

  /** Peers that may still act on a {@link Message.TimeoutNow}, and the round it carried. */
  private final TreeMap<Long, Long> suspects = new TreeMap<>();

  LeaderTransfer(NodeState state, Replication replication) {
    this.state = state;
    this.replication = replication;
  }

  long target() {
    return target;
  }

  /**
   * While a peer may be told to overthrow this leader, no acknowledged heartbeat protects a lease.
   */
  boolean endangersLease() {
    return target != 0 || !suspects.isEmpty();
  }

  void reset() {
    target = 0;
    suspects.clear();
  }

  TransferResult start(long peer) {
    if (!state.isLeader()) {
      return new TransferResult.NotLeader(state.leaderId);
    }
    if (peer == state.self() || !state.tracker.membership().voters().contains(peer)) {
      return new TransferResult.NotEligible(peer);
    }
    if (peer != target) {
      target = peer;
      state.electionElapsed = 0;
      if (!sendIfCaughtUp(peer)) {
        replication.send(peer, true);
      }
    }
    return new TransferResult.Started();
  }

  void onProgress(long peer) {
    if (peer == target) {
      sendIfCaughtUp(peer);
    }
  }

  private boolean sendIfCaughtUp(long peer) {
    if (state.tracker.peer(peer).match() != state.log.lastIndex()) {
      return false;
    }
    suspects.put(peer, state.round);
    state.messages.add(new Message.TimeoutNow(state.self(), peer, state.term, state.round));
    return true;
  }

  /**
   * A peer that has seen a newer round disobeys the delayed request, so the lease is safe again.
   */
  void onRoundAcknowledgedBy(long peer, long round) {
    Long asked = suspects.get(peer);
    if (asked != null && round > asked) {
      suspects.remove(peer);
    }
  }

  void abort() {
    target = 0;
  }

  void onMembershipChanged() {
    if (target != 0 && !state.tracker.membership().voters().contains(target)) {
      abort();
    }
  }
}
