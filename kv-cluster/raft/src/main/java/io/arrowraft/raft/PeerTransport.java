package io.arrowraft.raft;

import java.util.List;
import java.util.function.Consumer;

/**
 * Carries messages between stores. It never blocks and promises nothing: what does not fit or
 * cannot be delivered is dropped, and the sending group is told by {@link
 * RaftGroup#reportUnreachable}. Safe for use by any thread.
 */
public interface PeerTransport {
  void send(RaftEnvelope envelope);

  /** Sends messages that came together, in order, as few batches. */
  default void sendAll(List<RaftEnvelope> envelopes) {
    envelopes.forEach(this::send);
  }

  /**
   * Streams the content of a snapshot, and after it the envelope, which carries the message that
   * announces it.
   *
   * @param source closed by the transport in any case
   * @param delivered told once whether the receiver has it all; on any thread
   */
  void sendSnapshot(RaftEnvelope envelope, SnapshotSource source, Consumer<Boolean> delivered);
}
