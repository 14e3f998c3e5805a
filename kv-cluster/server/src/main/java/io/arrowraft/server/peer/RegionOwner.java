package io.arrowraft.server.peer;

import io.arrowraft.raft.CommittedEntry;
import io.arrowraft.raft.DropReason;
import io.arrowraft.raft.GroupMember;
import io.arrowraft.raft.GroupOwner;
import io.arrowraft.raft.GroupRole;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.SnapshotSource;
import io.arrowraft.raft.core.Message;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.region.OutcomeUnknownException;
import io.arrowraft.server.region.RegionErrors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A replica as its Raft group sees it. Messages pass here first: those for another generation of
 * the replica never reach the group.
 */
final class RegionOwner implements GroupOwner<Proposal>, GroupMember {
  /** Senders remembered while the region's own list of peers is not known. */
  private static final int SENDERS_MAX = 16;

  private final RegionPeer peer;
  private final PeerEvents events;
  private final SnapshotTraffic snapshots;
  private final PeerRests rests;
  private final Map<Long, Long> storeOfSender = new LinkedHashMap<>();

  RegionOwner(RegionPeer peer, PeerEvents events, SnapshotTraffic snapshots, PeerRests rests) {
    this.rests = rests;
    this.peer = peer;
    this.events = events;
    this.snapshots = snapshots;
  }

  // Messages.

  @Override
  public void tick() {
    peer.guard(peer.group()::tick);
  }

  @Override
  public void reportUnreachable(long unreachable) {
    peer.guard(() -> peer.group().reportUnreachable(unreachable));
  }

  @Override
  public void suspect(long store) {
    peer.guard(() -> peer.group().suspect(store));
  }

  @Override
  public Optional<byte[]> blocksRead(byte[] question) {
    return peer.context().readGuard().check(question);
  }

  @Override
  public void restChanged(boolean resting) {
    rests.changed(peer, resting);
  }

  @Override
  public void receive(RaftEnvelope envelope) {
    Message message = envelope.message();
    if (message.to() != peer.peerId()) {
      if (message.to() > peer.peerId()) {
        events.newerReplica(envelope);
      }
      return;
    }
    if (peer.peerById(message.from()).isEmpty()) {
      rememberSender(message.from(), envelope.fromStore());
    }
    if (message instanceof Message.InstallSnapshot install
        && !snapshots.admits(peer, install.snapshot())) {
      // Without its content the message would leave the replica with nothing.
      return;
    }
    peer.guard(() -> peer.group().receive(envelope));
  }

  private void rememberSender(long sender, long store) {
    if (storeOfSender.size() >= SENDERS_MAX && !storeOfSender.containsKey(sender)) {
      storeOfSender.remove(storeOfSender.keySet().iterator().next());
    }
    storeOfSender.put(sender, store);
  }

  @Override
  public long storeOf(long other) {
    return peer.peerById(other)
        .map(known -> known.getStoreId())
        .orElseGet(() -> storeOfSender.getOrDefault(other, 0L));
  }

  @Override
  public Bytes envelope() {
    return Bytes.EMPTY;
  }

  // What the group asks for.

  @Override
  public void apply(List<CommittedEntry<Proposal>> entries) {
    peer.onCommitted(entries);
  }

  @Override
  public void dropped(Proposal proposal, DropReason reason) {
    proposal
        .done()
        .completeExceptionally(
            switch (reason) {
              case SUPERSEDED -> RegionErrors.staleCommand("another leader's entry took its place");
              case UNKNOWN -> unknown("its entry came in a snapshot");
              case CLOSED -> unknown("the replica was closed");
            });
  }

  private OutcomeUnknownException unknown(String reason) {
    return new OutcomeUnknownException(
        peer.regionId(), "write to region " + peer.regionId() + ": outcome unknown, " + reason);
  }

  @Override
  public void roleChanged(GroupRole role) {
    peer.onRole(role);
  }

  @Override
  public Optional<Snapshot> snapshot(long to, long indexMin) {
    return snapshots.freeze(peer, indexMin);
  }

  @Override
  public SnapshotSource open(Snapshot snapshot) {
    return snapshots.open(peer, snapshot);
  }

  @Override
  public void install(Snapshot snapshot, Runnable installed) {
    snapshots.install(peer, snapshot, installed);
  }
}
