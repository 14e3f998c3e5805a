package io.arrowraft.pd.replication;

import io.arrowraft.raft.PeerTransport;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.SnapshotSource;
import io.arrowraft.runtime.InvariantViolation;
import java.util.function.Consumer;

/** The transport of a group of one. */
final class NoPeers implements PeerTransport {
  @Override
  public void send(RaftEnvelope envelope) {
    throw new InvariantViolation("a group of one sends a message", "message", envelope.message());
  }

  @Override
  public void sendSnapshot(
      RaftEnvelope envelope, SnapshotSource source, Consumer<Boolean> delivered) {
    throw new InvariantViolation("a group of one sends a snapshot");
  }
}
