package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.CommitMergeCommand;
import io.arrowraft.raft.LogStore;
import io.arrowraft.server.apply.MergeSource;
import io.arrowraft.server.apply.RegionApplier;
import io.arrowraft.server.apply.Tombstones;
import io.arrowraft.storage.engine.CorruptDataException;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ways in which a replica ends: it closes with its store, leaves its region, becomes part of
 * another region, or is damaged. On the region's loop, but for what is marked otherwise.
 */
final class PeerEnd {
  private static final Logger LOG = LoggerFactory.getLogger(PeerEnd.class);

  private final RegionPeer peer;
  private final PeerEvents events;

  /** Owned by the apply loop: the tombstone is written. */
  private boolean destroyed;

  /** It is going to be destroyed. */
  private boolean leaving;

  private boolean closed;
  private boolean damaged;

  PeerEnd(RegionPeer peer, PeerEvents events) {
    this.peer = peer;
    this.events = events;
  }

  boolean isLeaving() {
    return leaving;
  }

  boolean isClosed() {
    return closed;
  }

  boolean isDamaged() {
    return damaged;
  }

  /** On the apply loop; see {@link RegionPeer#isDestroyed}. */
  boolean isDestroyed() {
    RegionApplier applier = peer.applier();
    return destroyed || (applier != null && applier.isDestroyed());
  }

  /** Stops; data and log stay. */
  void close() {
    if (!closed) {
      closeRequests();
      peer.group().close();
      peer.applyLoop().execute(peer.pipeline()::close);
    }
  }

  /** Completes on the loop when it is closed and its log is at rest. */
  CompletableFuture<Void> settled() {
    return peer.group().settled();
  }

  private void closeRequests() {
    peer.giveUpLeadership();
    closed = true;
    peer.withdrawView();
    peer.context().directory().setMerging(peer, false);
    peer.requests().close();
    events.closing(peer);
  }

  /** Leaves the region for good: data, records and log of this replica go. */
  void destroy(Region last) {
    if (closed) {
      return;
    }
    leaving = true;
    closeRequests();
    peer.group().close();
    peer.applyLoop()
        .execute(
            () -> {
              if (peer.applier() != null) {
                peer.applier().destroy(last);
              } else {
                Tombstones.put(peer.context().engine(), last, peer.peerId());
              }
              destroyed = true;
              peer.loop().execute(this::finishDestroy);
            });
  }

  /** Data and records are gone; the log follows. */
  void finishDestroy() {
    leaving = true;
    if (!closed) {
      closeRequests();
    }
    peer.group().destroy(() -> events.destroyed(peer));
  }

  /**
   * Stops, to become part of another region: applies what is missing up to the entry that prepared
   * the merge, and nothing afterwards.
   *
   * @return false if this replica cannot, since it is gone or has no data
   */
  boolean yieldTo(CommitMergeCommand merge, LogStore logs, CompletableFuture<MergeSource> done) {
    if (closed || peer.region() == null) {
      return false;
    }
    LOG.atInfo()
        .addKeyValue("region", peer.regionId())
        .addKeyValue("applied", peer.appliedIndex())
        .addKeyValue("commit", merge.getCommit())
        .log("source of a merge stops");
    closeRequests();
    peer.group().close();
    peer.pipeline().catchUp(merge, logs, done);
    return true;
  }

  /** Stops, because its region has become part of another that a snapshot brings. */
  void giveWay() {
    leaving = true;
    close();
  }

  /** Its tombstone is durable, written by the replica that has got its range. */
  void onBuried() {
    peer.applyLoop()
        .execute(
            () -> {
              destroyed = true;
              peer.pipeline().close();
              peer.loop().execute(this::finishDestroy);
            });
  }

  /**
   * What is here cannot be trusted: serves, votes and acknowledges nothing any more, and waits to
   * be destroyed. Marked durably before, or at once afterwards.
   */
  void onDamaged() {
    if (closed || damaged) {
      return;
    }
    damaged = true;
    peer.giveUpLeadership();
    peer.withdrawView();
    peer.requests().close();
    peer.group().close();
  }

  /** A task on the region's loop met damage, as of the log: no promise may follow. */
  void onUnreadable(CorruptDataException met) {
    onDamaged();
    peer.context().damaged().met(peer, met);
  }

  /** A task on the apply loop met damage: what was begun is not to be gone on with. */
  void onUnappliable(CorruptDataException met) {
    peer.pipeline().close();
    peer.context().damaged().met(peer, met);
  }
}
