package io.arrowraft.raft;

import io.arrowraft.raft.core.RaftRole;
import java.util.Objects;

/**
 * @param leaderPeer the leader of the term; 0 if unknown
 */
public record GroupRole(RaftRole role, long term, long leaderPeer) {
  public GroupRole {
    Objects.requireNonNull(role, "role");
  }

  public boolean isLeader() {
    return role == RaftRole.LEADER;
  }
}
