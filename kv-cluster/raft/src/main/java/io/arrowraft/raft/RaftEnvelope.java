package io.arrowraft.raft;

import io.arrowraft.raft.core.Entry;
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
  /** About what a message holds beside its entries. */
  private static final long OVERHEAD_BYTES = 128;

  public RaftEnvelope {
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(owner, "owner");
  }

  /** About the memory that the message holds, for bounds on queues. */
  public long byteSize() {
    return OVERHEAD_BYTES
        + (message instanceof Message.AppendRequest append ? Entry.sizeBytes(append.entries()) : 0);
  }
}
