package io.arrowraft.raft;

import io.arrowraft.raft.core.Message;
import io.arrowraft.runtime.Bytes;
import java.util.Objects;

/**
 * A message between two replicas of a group, with its addresses.
 *
 * @param owner what the sending owner attached, such as the region's epoch
 */
public record RaftEnvelope(
    long groupId, long fromStore, long toStore, Message message, Bytes owner) {
  public RaftEnvelope {
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(owner, "owner");
  }
}
