package io.arrowraft.pd.replication;

import io.arrowraft.raft.GroupMember;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.core.Message;
import io.arrowraft.runtime.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;

/** Keeps out what another cluster sends, and snapshots whose content is not here. */
final class ClusterGate implements GroupMember {
  /** Told where a member says that it is reached. */
  @FunctionalInterface
  interface Heard {
    void from(long member, String address);
  }

  private final GroupMember inner;
  private final LongSupplier clusterId;
  private final IncomingSnapshots incoming;
  private final Heard heard;
  private final Runnable afterSnapshot;

  /**
   * @param clusterId 0 while it is not known, and then everything is let in
   * @param heard told of every sender, since a member that lags may be led by one that it does not
   *     know yet
   * @param afterSnapshot run when the group has seen a snapshot's message, and may not want it
   */
  ClusterGate(
      GroupMember inner,
      LongSupplier clusterId,
      IncomingSnapshots incoming,
      Heard heard,
      Runnable afterSnapshot) {
    this.inner = inner;
    this.clusterId = clusterId;
    this.incoming = incoming;
    this.heard = heard;
    this.afterSnapshot = afterSnapshot;
  }

  /** What each message carries of its sender: its cluster, and where it is reached. */
  static Bytes mark(long clusterId, String address) {
    byte[] where = address.getBytes(StandardCharsets.UTF_8);
    return Bytes.wrap(
        ByteBuffer.allocate(Long.BYTES + where.length).putLong(clusterId).put(where).array());
  }

  @Override
  public void tick() {
    inner.tick();
  }

  @Override
  public void receive(RaftEnvelope envelope) {
    byte[] mark = envelope.owner().unsafeArray();
    if (mark.length < Long.BYTES) {
      return;
    }
    long theirs = ByteBuffer.wrap(mark).getLong();
    long ours = clusterId.getAsLong();
    if (theirs != 0 && ours != 0 && theirs != ours) {
      return;
    }
    heard.from(
        envelope.fromStore(),
        new String(mark, Long.BYTES, mark.length - Long.BYTES, StandardCharsets.UTF_8));
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
