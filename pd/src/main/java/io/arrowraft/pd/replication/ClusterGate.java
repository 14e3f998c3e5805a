package io.arrowraft.pd.replication;

import io.arrowraft.raft.GroupMember;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.core.Message;
import io.arrowraft.runtime.Bytes;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;

/** Keeps out what another cluster sends, and snapshots whose content is not here. */
final class ClusterGate implements GroupMember {
  private final GroupMember inner;
  private final LongSupplier clusterId;
  private final IncomingSnapshots incoming;
  private final Runnable afterSnapshot;

  /**
   * @param clusterId 0 while it is not known, and then everything is let in
   * @param afterSnapshot run when the group has seen a snapshot's message, and may not want it
   */
  ClusterGate(
      GroupMember inner,
      LongSupplier clusterId,
      IncomingSnapshots incoming,
      Runnable afterSnapshot) {
    this.inner = inner;
    this.clusterId = clusterId;
    this.incoming = incoming;
    this.afterSnapshot = afterSnapshot;
  }

  /** What each message carries of its sender's cluster. */
  static Bytes mark(long clusterId) {
    return Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(clusterId).array());
  }

  @Override
  public void tick() {
    inner.tick();
  }

  @Override
  public void receive(RaftEnvelope envelope) {
    byte[] mark = envelope.owner().unsafeArray();
    long theirs = mark.length == Long.BYTES ? ByteBuffer.wrap(mark).getLong() : 0;
    long ours = clusterId.getAsLong();
    if (theirs != 0 && ours != 0 && theirs != ours) {
      return;
    }
    if (!(envelope.message() instanceof Message.InstallSnapshot install)) {
      inner.receive(envelope);
    } else if (incoming.has(install.snapshot())) {
      inner.receive(envelope);
      afterSnapshot.run();
    }
  }

  @Override
  public void reportUnreachable(long peer) {
    inner.reportUnreachable(peer);
  }
}
