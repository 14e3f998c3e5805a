package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.ApplyState;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.proto.store.SnapshotManifest;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.SnapshotSink;
import io.arrowraft.raft.SnapshotSource;
import io.arrowraft.raft.core.Message;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.runtime.Invariant;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.server.apply.RegionApplier;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.snapshot.FrozenRegion;
import io.arrowraft.server.snapshot.SnapshotInstaller;
import io.arrowraft.server.snapshot.SnapshotStaging;
import io.arrowraft.storage.engine.EngineException;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Snapshots of the replicas on one region loop, on their way out and in. Owned by that loop. */
final class SnapshotTraffic {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotTraffic.class);

  /** How long a snapshot waits for its next step before it is given up. */
  private static final Duration IDLE_MAX = Duration.ofSeconds(30);

  private final PeerContext context;
  private final PeerEvents events;
  private final SnapshotInstaller installer;
  private final SnapshotBudget budget;
  private final Map<Long, Frozen> frozen = new LinkedHashMap<>();
  private final Map<Long, Staged> staged = new LinkedHashMap<>();
  private long nextId;

  private record Frozen(FrozenRegion region, long sinceNanos) {}

  private record Staged(RegionPeer peer, SnapshotStaging content, long sinceNanos) {}

  /**
   * @param budget of the whole store
   * @param firstId where the ids of this loop's snapshots begin
   */
  SnapshotTraffic(PeerContext context, PeerEvents events, SnapshotBudget budget, long firstId) {
    this.context = context;
    this.events = events;
    this.budget = budget;
    this.nextId = firstId;
    this.installer = new SnapshotInstaller(context.engine());
  }

  // Out.

  /**
   * A snapshot of the region as of now; empty if it has none to give or too many are on their way.
   */
  Optional<Snapshot> freeze(RegionPeer peer, long indexMin) {
    if (!budget.beginSending()) {
      return Optional.empty();
    }
    long id = nextId++;
    Optional<FrozenRegion> opened;
    try {
      opened =
          FrozenRegion.open(context.engine(), peer.regionId(), id, budget.limits().chunkBytes());
    } catch (EngineException unreadable) {
      budget.endSending();
      throw unreadable;
    }
    if (opened.isEmpty()) {
      budget.endSending();
      return Optional.empty();
    }
    if (opened.get().manifest().getIndex() < indexMin) {
      opened.get().close();
      budget.endSending();
      return Optional.empty();
    }
    frozen.put(id, new Frozen(opened.get(), now()));
    return Optional.of(opened.get().descriptor());
  }

  /** The content of what {@link #freeze} returned; it fails when read if it was given up. */
  SnapshotSource open(RegionPeer peer, Snapshot snapshot) {
    Frozen found = frozen.remove(FrozenRegion.manifestOf(snapshot).getId());
    if (found == null) {
      return new GivenUp();
    }
    context.meters().onSnapshotSent();
    return new OutgoingSnapshot(
        found.region(),
        context.workers(),
        peer.loop(),
        budget,
        unreadable ->
            context
                .damaged()
                .report(peer, "a snapshot could not be made: " + unreadable.getMessage()));
  }

  /** A snapshot that waited too long to be sent, such as behind a disk that stood still. */
  private static final class GivenUp implements SnapshotSource {
    @Override
    public CompletionStage<Optional<byte[]>> next() {
      return CompletableFuture.failedFuture(
          RegionErrors.staleCommand("the snapshot was given up before it was sent"));
    }

    @Override
    public void close() {}
  }

  // In.

  /** Where to put the content of a snapshot that is about to arrive. Any thread. */
  Optional<SnapshotSink> receive(RegionPeer peer, RaftEnvelope envelope) {
    if (!(envelope.message() instanceof Message.InstallSnapshot install)
        || install.to() != peer.peerId()
        || context.damaged().contains(peer.regionId())) {
      return Optional.empty();
    }
    SnapshotManifest manifest = FrozenRegion.manifestOf(install.snapshot());
    if (manifest.getRegion().getId() != peer.regionId()) {
      return Optional.empty();
    }
    if (!budget.hasRoomFor(manifest.getCounts().getBytes())) {
      throw new RpcException(
          RpcStatus.RESOURCE_EXHAUSTED,
          "no room for region "
              + peer.regionId()
              + " of "
              + manifest.getCounts().getBytes()
              + " bytes: the disk is nearly full");
    }
    if (!budget.beginReceiving()) {
      throw new RpcException(
          RpcStatus.RESOURCE_EXHAUSTED,
          budget.limits().receivedMax() + " snapshots arrive here already");
    }
    // What an earlier stream has left behind, its message lost, must not be in the way of this one.
    peer.loop().execute(() -> giveUpStaged(peer));
    return Optional.of(
        new IncomingSnapshot(
            context.engine(),
            events,
            peer.applyLoop(),
            manifest,
            budget,
            peer::isDestroyed,
            content -> keep(peer, content)));
  }

  /**
   * Completes when the content is here: the message that follows it finds its own way to the loop
   * and would otherwise be quicker.
   */
  private CompletionStage<Void> keep(RegionPeer peer, SnapshotStaging content) {
    CompletableFuture<Void> kept = new CompletableFuture<>();
    peer.loop()
        .execute(
            () -> {
              if (peer.isClosed()) {
                discard(peer, content);
              } else {
                staged.put(peer.regionId(), new Staged(peer, content, now()));
              }
              kept.complete(null);
            });
    return kept;
  }

  private void giveUpStaged(RegionPeer peer) {
    Staged waiting = staged.get(peer.regionId());
    // One that Raft has accepted is installed, however slow the disk: there is no way back.
    if (waiting != null && !waiting.peer().group().awaitsSnapshot()) {
      staged.remove(peer.regionId());
      discard(waiting.peer(), waiting.content());
    }
  }

  /** Whether the content of this snapshot is here. */
  boolean admits(RegionPeer peer, Snapshot snapshot) {
    Staged content = staged.get(peer.regionId());
    return content != null
        && content.content().manifest().equals(FrozenRegion.manifestOf(snapshot));
  }

  /** Replaces the replica's state; runs {@code installed} when that is durable. */
  void install(RegionPeer peer, Snapshot snapshot, Runnable installed) {
    Invariant.check(
        admits(peer, snapshot), "no content for the snapshot", "region", peer.regionId());
    SnapshotStaging content = staged.remove(peer.regionId()).content();
    SnapshotManifest manifest = content.manifest();
    peer.pipeline()
        .run(
            () -> {
              // What the replica has still applied may have been a merge with what is covered.
              peer.pipeline().hold();
              events
                  .clear(manifest)
                  .thenAccept(
                      covered ->
                          peer.pipeline()
                              .resume(() -> replaceAll(peer, content, covered, installed)));
            });
  }

  /** On the replica's apply loop. */
  private void replaceAll(
      RegionPeer peer, SnapshotStaging content, List<RegionState> covered, Runnable installed) {
    if (peer.isDestroyed()) {
      // Its tombstone has removed what was staged. What would have become part of it is part of a
      // region that has left this store.
      covered.forEach(events::sourceObsolete);
      return;
    }
    SnapshotManifest manifest = content.manifest();
    Optional<Region> replaced = Optional.ofNullable(peer.applier()).map(RegionApplier::region);
    // Before the data that lacks what was collected elsewhere.
    context.safePoint().raise(manifest.getSafePoint(), context.engine());
    RegionState applying = installer.begin(content, peer.peerId(), replaced, covered);
    covered.forEach(end -> context.observers().publish(new RegionEvent.Destroyed(end.getRegion())));
    events.cleared(manifest, covered);
    SnapshotInstaller.Installation installation = installer.install(applying);
    // From here on the replica's end has to remove what is installed, not what was there before.
    Optional.ofNullable(peer.applier())
        .ifPresent(applier -> applier.reset(manifest.getRegion(), installation.applied()));
    proceed(peer, installation, manifest, installed);
  }

  /** One step at a time, so that other regions of the apply loop get their turn. */
  private void proceed(
      RegionPeer peer,
      SnapshotInstaller.Installation installation,
      SnapshotManifest manifest,
      Runnable installed) {
    if (peer.isDestroyed()) {
      // Its tombstone has removed what was there so far.
      return;
    }
    if (installation.step()) {
      // If the store stops in between, the next start installs it.
      peer.pipeline().hold();
      peer.pipeline().resume(() -> proceed(peer, installation, manifest, installed));
      return;
    }
    ApplyState applied = installation.complete();
    Region region = manifest.getRegion();
    RegionApplier present = peer.applier();
    RegionApplier applier = present == null ? peer.newApplier(region, applied) : present;
    applier.reset(region, applied);
    publish(peer, region, applied, present == null);
    LOG.atInfo()
        .addKeyValue("region", region.getId())
        .addKeyValue("index", manifest.getIndex())
        .log("snapshot installed");
    peer.loop()
        .execute(
            () -> {
              peer.onSnapshotInstalled(region, applied, applier);
              installed.run();
            });
  }

  private void publish(RegionPeer peer, Region region, ApplyState applied, boolean created) {
    long index = applied.getAppliedIndex();
    if (created) {
      io.arrowraft.server.apply.PeerChanges.byId(region, peer.peerId())
          .ifPresent(
              self -> context.observers().publish(new RegionEvent.Created(region, self, index)));
    }
    context.observers().publish(new RegionEvent.SnapshotInstalled(region, index));
  }

  /** The replica goes away, and with it what is staged for it and the range that it would take. */
  void forget(long regionId) {
    Staged waiting = staged.remove(regionId);
    if (waiting != null) {
      discard(waiting.peer(), waiting.content());
    }
  }

  /** Gives up what has waited too long for its next step. */
  void sweep() {
    long oldest = now() - IDLE_MAX.toNanos();
    Iterator<Frozen> out = frozen.values().iterator();
    while (out.hasNext()) {
      Frozen each = out.next();
      if (each.sinceNanos() - oldest < 0) {
        out.remove();
        each.region().close();
        budget.endSending();
      }
    }
    Iterator<Staged> in = staged.values().iterator();
    while (in.hasNext()) {
      Staged each = in.next();
      // One that Raft has accepted is waited for, however slow the disk: there is no way back.
      if (each.sinceNanos() - oldest < 0 && !each.peer().group().awaitsSnapshot()) {
        in.remove();
        discard(each.peer(), each.content());
      }
    }
  }

  private void discard(RegionPeer peer, SnapshotStaging content) {
    peer.applyLoop()
        .execute(
            () -> {
              if (!peer.isDestroyed()) {
                content.discard();
                events.release(peer.regionId());
              }
            });
  }

  /** Lets go of everything that holds the engine open. */
  void close() {
    frozen
        .values()
        .forEach(
            each -> {
              each.region().close();
              budget.endSending();
            });
    frozen.clear();
  }

  private long now() {
    return context.environment().time().nanos();
  }
}
