package io.arrowraft.pd.replication;

import io.arrowraft.raft.core.RaftStatus;

/**
 * The group as one member sees it at one moment.
 *
 * @param self this member's id
 * @param status of the protocol; replication progress only where this member leads
 */
public record GroupView(long self, RaftStatus status) {
  /** The leader's id; 0 while none is known. */
  public long leader() {
    return status.leaderId();
  }

  public boolean leads() {
    return status.leaderId() == self;
  }

  /** Whether a peer has all but the last {@code lag} entries, and was heard of lately. */
  public boolean hasCaughtUp(long peer, long lag) {
    return status.peers().stream()
        .anyMatch(p -> p.peer() == peer && p.active() && status.lastIndex() - p.match() <= lag);
  }
}
