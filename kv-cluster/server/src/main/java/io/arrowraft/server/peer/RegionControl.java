package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.ApplyState;
import io.arrowraft.proto.store.CommitMergeCommand;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.proto.store.SnapshotManifest;
import io.arrowraft.raft.LogStore;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.core.Message;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.server.apply.ApplyResult;
import io.arrowraft.server.apply.MergeSource;
import io.arrowraft.server.state.MergedRegions;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.CorruptDataException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates and removes the replicas of a store. Whatever concerns more than one region is decided
 * here, on the store's control loop.
 */
final class RegionControl implements PeerEvents {
  private static final Logger LOG = LoggerFactory.getLogger(RegionControl.class);

  private final PeerContext context;
  private final EventLoop loop;
  private final Consumer<RegionPeer> reporter;
  private final RangeMap ranges = new RangeMap();
  private final MergeControl merges;
  private final ExpectedChildren children;
  private final StaleReplicas stale;
  private PeerGroups groups;

  /** Before, ranges of replicas that are not recovered yet would look free. */
  private boolean recovered;

  private boolean stopped;

  /**
   * @param loop the control loop
   * @param reporter takes replicas whose report is due, on their own loop
   */
  RegionControl(PeerContext context, EventLoop loop, LogStore logs, Consumer<RegionPeer> reporter) {
    this.context = context;
    this.loop = loop;
    this.reporter = reporter;
    this.merges = new MergeControl(context, loop, ranges, logs);
    this.children = new ExpectedChildren(context.directory(), loop);
    this.stale = new StaleReplicas(context, loop, ranges);
  }

  /** Before anything else: the groups need this object for their events. */
  void use(PeerGroups peerGroups) {
    groups = peerGroups;
  }

  void use(OtherReplicas others) {
    stale.use(others);
  }

  /** Whether this store knows that a region has become part of another one. */
  boolean hasMerged(long regionId) {
    return stale.isKnownToHaveMerged(regionId);
  }

  // At start, on the control loop.

  /** Starts the replica that {@code state} describes. */
  void recover(RegionState state) {
    loop.requireInLoop();
    start(state.getRegion(), state.getPeerId(), true, false);
  }

  /**
   * All replicas that the engine knows have been started. Before that a message creates none: what
   * it leaves in the engine could be taken for a replica to recover, which would then start twice.
   */
  void recoveryDone() {
    loop.requireInLoop();
    recovered = true;
  }

  /** How far a replica has applied; one that cannot tell is damaged. */
  private ApplyState appliedOf(long regionId, long peerId) {
    try {
      return RegionRecords.applyState(context.engine(), regionId)
          .orElse(ApplyState.getDefaultInstance());
    } catch (CorruptDataException unreadable) {
      if (!DamagedReplicas.isOfOneReplica(unreadable)) {
        throw unreadable;
      }
      context.damaged().note(regionId, peerId, unreadable.getMessage());
      return ApplyState.getDefaultInstance();
    }
  }

  // From replicas, on their loops.

  @Override
  public CompletionStage<Void> replicasCreated(
      List<ApplyResult.NewReplica> replicas, boolean campaign) {
    CompletableFuture<Void> started = new CompletableFuture<>();
    loop.execute(
        () -> {
          CompletableFuture<?>[] each = new CompletableFuture<?>[replicas.size()];
          for (int i = 0; i < each.length; i++) {
            each[i] = startChild(replicas.get(i), campaign);
          }
          CompletableFuture.allOf(each).whenComplete((none, failure) -> started.complete(null));
        });
    return started;
  }

  private CompletableFuture<Void> startChild(ApplyResult.NewReplica replica, boolean campaign) {
    Region region = replica.region();
    ranges.hold(region);
    children.startedOver(region.getId());
    Optional<RegionPeer> waiting = context.directory().find(region.getId());
    if (waiting.isEmpty()) {
      return start(region, replica.peerId(), false, campaign);
    }
    // A message was quicker than the split (correctness rule 17): the replica starts over with
    // data,
    // and finds in its log the term and vote that it may have given away.
    RegionPeer uninitialised = waiting.get();
    CompletableFuture<Void> started = new CompletableFuture<>();
    uninitialised
        .loop()
        .execute(
            () -> {
              uninitialised.end().close();
              uninitialised
                  .end()
                  .settled()
                  .thenRun(
                      () ->
                          loop.execute(
                              () ->
                                  start(region, replica.peerId(), false, campaign)
                                      .whenComplete((none, failure) -> started.complete(null))));
            });
    return started;
  }

  @Override
  public void regionChanged(Region region) {
    loop.execute(() -> ranges.hold(region));
  }

  @Override
  public void closing(RegionPeer peer) {
    groups.remove(peer);
  }

  @Override
  public void destroyed(RegionPeer peer) {
    loop.execute(
        () -> {
          LOG.atInfo()
              .addKeyValue("region", peer.regionId())
              .addKeyValue("peer", peer.peerId())
              .log("replica destroyed");
          context.directory().remove(peer);
          context.damaged().forget(peer);
          ranges.letGo(peer.regionId());
        });
  }

  @Override
  public CompletionStage<Boolean> reserve(SnapshotManifest incoming) {
    LongPredicate covered = regionId -> MergedRegions.contains(incoming.getMergedList(), regionId);
    CompletableFuture<Boolean> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          boolean granted = ranges.reserve(incoming.getRegion(), covered);
          if (!granted) {
            // Whoever is in the way may have been removed and not know it.
            ranges
                .conflict(incoming.getRegion(), covered)
                .flatMap(holder -> context.directory().find(holder.getId()))
                .ifPresent(this::checkMembership);
          }
          result.complete(granted);
        });
    return result;
  }

  @Override
  public CompletionStage<List<RegionState>> clear(SnapshotManifest incoming) {
    return merges.clear(incoming);
  }

  @Override
  public CompletionStage<MergeSource> sourceWanted(RegionPeer target, CommitMergeCommand merge) {
    return merges.source(target, merge);
  }

  @Override
  public void absorbed(Region region, List<RegionState> sources) {
    // Its range first, or the sources' would look free for a moment.
    regionChanged(region);
    merges.absorbed(region, sources);
  }

  @Override
  public void cleared(SnapshotManifest incoming, List<RegionState> covered) {
    absorbed(incoming.getRegion(), covered);
    merges.endOthers(incoming, covered);
  }

  @Override
  public void sourceObsolete(RegionState source) {
    merges.obsolete(source);
  }

  @Override
  public CompletionStage<Void> childrenExpected(List<Long> regionIds) {
    return children.expect(regionIds);
  }

  @Override
  public void childrenDone(List<Long> regionIds) {
    children.done(regionIds);
  }

  @Override
  public void release(long regionId) {
    loop.execute(() -> ranges.release(regionId));
  }

  @Override
  public void reportNow(RegionPeer peer) {
    reporter.accept(peer);
  }

  // From other stores.

  @Override
  public void newerReplica(RaftEnvelope envelope) {
    onUnknownReplica(envelope);
  }

  /**
   * A message came for a replica that is not here. It is created without data, unless it is known
   * to be of the past. Any thread.
   */
  void onUnknownReplica(RaftEnvelope envelope) {
    if (isRequest(envelope.message())) {
      loop.execute(
          () -> {
            if (recovered && !stopped) {
              createForMessage(envelope);
            }
          });
    }
  }

  /** Answers are for replicas that have asked, and those know themselves. */
  private static boolean isRequest(Message message) {
    return message instanceof Message.AppendRequest
        || message instanceof Message.HeartbeatRequest
        || message instanceof Message.PreVoteRequest
        || message instanceof Message.VoteRequest
        || message instanceof Message.InstallSnapshot;
  }

  private void createForMessage(RaftEnvelope envelope) {
    long regionId = envelope.groupId();
    long peerId = envelope.message().to();
    if (children.contains(regionId)) {
      LOG.debug("message for a replica that a split is about to make: region={}", regionId);
      return;
    }
    Optional<RegionPeer> present = context.directory().find(regionId);
    if (present.isPresent()) {
      RegionPeer older = present.get();
      if (older.peerId() < peerId) {
        // Ids grow: the present replica was removed and has not heard of it (correctness rule 18).
        LOG.atInfo()
            .addKeyValue("region", regionId)
            .addKeyValue("old", older.peerId())
            .addKeyValue("new", peerId)
            .log("replica replaced");
        older.loop().execute(() -> older.end().destroy(StaleReplicas.lastKnown(older)));
      }
      return;
    }
    Optional<RegionState> state;
    try {
      state = RegionRecords.regionState(context.engine(), regionId);
    } catch (CorruptDataException unreadable) {
      // Which replicas were here before is not known, so none may be made that could be one.
      LOG.atError()
          .addKeyValue("region", regionId)
          .setCause(unreadable)
          .log("no replica made, its record cannot be read");
      return;
    }
    if (state.isPresent()
        && (state.get().getPhase() != RegionPhase.TOMBSTONE || state.get().getPeerId() >= peerId)) {
      LOG.debug("message for a replica of the past: region={}, peer={}", regionId, peerId);
      groups.answerForRemoved(envelope, state.get());
      return;
    }
    LOG.atInfo()
        .addKeyValue("region", regionId)
        .addKeyValue("peer", peerId)
        .log("replica created for a message");
    RegionPeer peer =
        new RegionPeer(
            context, this, regionId, peerId, Optional.empty(), ApplyState.getDefaultInstance());
    context.directory().put(peer);
    peer.loop()
        .execute(
            () -> {
              groups.open(peer, ApplyState.getDefaultInstance(), false);
              groups.receive(envelope);
            });
  }

  private CompletableFuture<Void> start(
      Region region, long peerId, boolean ranBefore, boolean campaign) {
    CompletableFuture<Void> started = new CompletableFuture<>();
    if (stopped) {
      started.complete(null);
      return started;
    }
    ranges.hold(region);
    ApplyState applied = appliedOf(region.getId(), peerId);
    RegionPeer peer =
        new RegionPeer(context, this, region.getId(), peerId, Optional.of(region), applied);
    context.directory().put(peer);
    peer.loop()
        .execute(
            () -> {
              if (ranBefore) {
                peer.announceCreated();
              }
              groups.open(peer, applied, ranBefore);
              if (campaign || region.getPeersCount() == 1) {
                peer.group().campaign();
              }
              started.complete(null);
            });
    return started;
  }

  /** See {@link StaleReplicas#check}. */
  void checkMembership(RegionPeer peer) {
    stale.check(peer);
  }

  /** Stops all replicas; completes when their groups are closed. */
  CompletableFuture<Void> stop() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          stopped = true;
          merges.stop();
          List<RegionPeer> all = context.directory().all();
          CompletableFuture<?>[] each = new CompletableFuture<?>[all.size()];
          for (int i = 0; i < each.length; i++) {
            each[i] = close(all.get(i));
          }
          CompletableFuture.allOf(each).whenComplete((none, failure) -> done.complete(null));
        });
    return done;
  }

  /** Completes when the apply loop has finished what the replica had given it. */
  private static CompletableFuture<Void> close(RegionPeer peer) {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    peer.loop()
        .execute(
            () -> {
              peer.end().close();
              peer.applyLoop().execute(() -> closed.complete(null));
            });
    return closed;
  }
}
