package io.arrowraft.raft;

import io.arrowraft.raft.core.RaftRole;
import io.arrowraft.raft.core.Ready;
import java.util.ArrayDeque;

/** Turns acknowledged heartbeat rounds into a lease. */
final class LeaseRounds {
  private static final int ROUNDS_MAX = 128;

  private record Sent(long round, long atNanos) {}

  private final LeaderLease lease;
  private final long durationNanos;
  private final ArrayDeque<Sent> sent = new ArrayDeque<>();
  private long term;
  private boolean confirmed;
  private long confirmedAtNanos;
  private boolean appliedInTerm;
  private boolean suspended;

  LeaseRounds(LeaderLease lease, long durationNanos) {
    this.lease = lease;
    this.durationNanos = durationNanos;
  }

  /**
   * @param nowNanos read before any message of this Ready is sent
   */
  void onReady(Ready ready, long nowNanos) {
    if (ready.role() != RaftRole.LEADER || ready.term() != term) {
      reset(ready.term());
    }
    if (ready.role() != RaftRole.LEADER) {
      return;
    }
    if (ready.roundStarted() != 0) {
      sent.addLast(new Sent(ready.roundStarted(), nowNanos));
      if (sent.size() > ROUNDS_MAX) {
        sent.removeFirst();
      }
    }
    if (ready.leaseRound() == 0) {
      confirmed = false;
      lease.revoke();
      return;
    }
    while (!sent.isEmpty() && sent.peekFirst().round() <= ready.leaseRound()) {
      confirmedAtNanos = sent.removeFirst().atNanos();
      confirmed = true;
    }
    publish();
  }

  private void reset(long newTerm) {
    term = newTerm;
    sent.clear();
    confirmed = false;
    appliedInTerm = false;
    lease.revoke();
  }

  /** An entry of the term is applied: the state machine has all that was acknowledged before. */
  void onAppliedInTerm(long appliedTerm) {
    if (appliedTerm == term && !appliedInTerm) {
      appliedInTerm = true;
      publish();
    }
  }

  boolean hasAppliedInTerm() {
    return appliedInTerm;
  }

  void suspend(boolean on) {
    suspended = on;
    if (on) {
      lease.revoke();
    } else {
      publish();
    }
  }

  /** Leadership may be taken away from now on; rounds sent before prove nothing. */
  void distrust() {
    sent.clear();
    confirmed = false;
    lease.revoke();
  }

  private void publish() {
    if (confirmed && appliedInTerm && !suspended && durationNanos > 0) {
      lease.grant(term, confirmedAtNanos + durationNanos);
    }
  }
}
