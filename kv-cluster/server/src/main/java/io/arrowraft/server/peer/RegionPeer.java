package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.ApplyState;
import io.arrowraft.raft.CommittedEntry;
import io.arrowraft.raft.GroupRole;
import io.arrowraft.raft.RaftGroup;
import io.arrowraft.raft.core.Membership;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.Invariant;
import io.arrowraft.server.apply.ApplyResult;
import io.arrowraft.server.apply.Counts;
import io.arrowraft.server.apply.EntryOutcome;
import io.arrowraft.server.apply.PeerChanges;
import io.arrowraft.server.apply.RegionApplier;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.region.RegionView;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The replica of one region on this store: dispatches requests, Raft's events and the results of
 * applying. Everything but what is marked otherwise happens on the region's loop.
 */
final class RegionPeer {
  private final PeerContext context;
  private final PeerEvents events;
  private final long regionId;
  private final long peerId;
  private final ReplicaLoop loop;
  private final ReplicaLoop applyLoop;
  private final RegionRequests requests;
  private final Traffic traffic = new Traffic();
  private final LeaderReports reports = new LeaderReports(this);

  /** Owned by the apply loop; null while the replica has no data. */
  private RegionApplier applier;

  private Region region;
  private long appliedIndex;
  private long appliedTerm;
  private Counts counts;
  private long announcedTerm;
  private long leaderlessSinceNanos;

  private final ApplyPipeline pipeline;
  private final Fences fences = new Fences();
  private final PeerEnd end;
  private boolean leaseSuspended;

  private volatile RaftGroup<Proposal> group;
  private volatile Optional<RegionView> view = Optional.empty();

  /**
   * @param start the replica's region, or empty while it waits for its first snapshot
   */
  RegionPeer(
      PeerContext context,
      PeerEvents events,
      long regionId,
      long peerId,
      Optional<Region> start,
      ApplyState applied) {
    this.context = context;
    this.events = events;
    this.regionId = regionId;
    this.peerId = peerId;
    this.end = new PeerEnd(this, events);
    this.loop = new ReplicaLoop(context.regionLoop(regionId), end::onUnreadable);
    this.applyLoop = new ReplicaLoop(context.applyLoop(regionId), end::onUnappliable);
    this.requests = new RegionRequests(context, this);
    this.region = start.orElse(null);
    this.appliedIndex = applied.getAppliedIndex();
    this.appliedTerm = applied.getAppliedTerm();
    this.counts = Counts.of(applied.getCounts());
    this.leaderlessSinceNanos = context.environment().time().nanos();
    this.pipeline = new ApplyPipeline(this, events);
    start.ifPresent(
        initial -> {
          applier = newApplier(initial, applied);
          fences.applied(appliedIndex, applier.merging());
        });
  }

  RegionApplier newApplier(Region initial, ApplyState applied) {
    return new RegionApplier(
            context.engine(), context.observers(), context.storeId(), peerId, initial, applied)
        .checkedBy(context.consistency().get())
        .holding(context.safePoint());
  }

  /** Gives the replica its Raft group; before anything else. */
  void start(RaftGroup<Proposal> opened) {
    group = opened;
    followFences();
    publish();
  }

  // Any thread.

  long regionId() {
    return regionId;
  }

  long peerId() {
    return peerId;
  }

  EventLoop loop() {
    return loop;
  }

  Optional<RegionView> view() {
    return view;
  }

  RegionRequests requests() {
    return requests;
  }

  /** Tells observers of a replica that was here before the store started. */
  void announceCreated() {
    tell(new RegionEvent.Created(region, self(), appliedIndex));
  }

  // Raft's events.

  void onCommitted(List<CommittedEntry<Proposal>> committed) {
    pipeline.committed(committed);
  }

  /**
   * Tells what applying did. On the apply loop.
   *
   * @param committed begins with the entries that were applied
   */
  void tellApplied(ApplyResult result, List<CommittedEntry<Proposal>> committed) {
    if (result.changedDataOnly()) {
      // Whoever reads from now on sees it, so nothing on the loop need come first.
      settle(result.outcomes(), committed);
      loop.executeLazily(() -> onApplied(result, List.of()));
      if (group.awaitsApplied()) {
        loop.execute(() -> {});
      }
    } else {
      loop.execute(() -> onApplied(result, committed));
    }
  }

  void onRole(GroupRole role) {
    if (end.isClosed()) {
      return;
    }
    if (announcedTerm != 0 && (!role.isLeader() || role.term() != announcedTerm)) {
      announceLoss();
    }
    if (role.leaderPeer() != 0) {
      leaderlessSinceNanos = 0;
    } else if (leaderlessSinceNanos == 0) {
      leaderlessSinceNanos = context.environment().time().nanos();
    }
    publish();
    announceLeadership();
    if (role.isLeader()) {
      events.reportNow(this);
    }
  }

  private void announceLeadership() {
    GroupRole role = group.role();
    if (role.isLeader() && appliedTerm == role.term() && announcedTerm != role.term()) {
      announcedTerm = role.term();
      tell(new RegionEvent.LeaderGained(region, announcedTerm));
      // Now it can carry out orders, which it had to refuse before.
      events.reportNow(this);
    }
  }

  private void announceLoss() {
    long lost = announcedTerm;
    announcedTerm = 0;
    tell(new RegionEvent.LeaderLost(regionId, lost));
  }

  private void tell(RegionEvent event) {
    applyLoop.execute(() -> context.observers().publish(event));
  }

  /**
   * @param committed whose proposals wait for their outcomes; empty if they have been told
   */
  private void onApplied(ApplyResult result, List<CommittedEntry<Proposal>> committed) {
    CompletionStage<Void> ready = CompletableFuture.completedFuture(null);
    if (!result.children().isEmpty()) {
      // Also when this replica has closed meanwhile, since the new ones live on without it.
      context.meters().onSplit();
      ready = events.replicasCreated(result.children(), !isStopped() && isLeader());
    }
    if (!result.absorbed().isEmpty()) {
      context.meters().onMerge();
      events.absorbed(result.region(), result.absorbed());
    }
    if (isStopped()) {
      return;
    }
    boolean epochMoved = !region.getRegionEpoch().equals(result.region().getRegionEpoch());
    region = result.region();
    appliedIndex = result.appliedIndex();
    appliedTerm = result.appliedTerm();
    counts = result.counts();
    traffic.onWritten(result.bytesWritten(), result.keysWritten());
    context.meters().onApplied(result.outcomes().size(), result.bytesWritten());
    if (epochMoved && !result.removed()) {
      events.regionChanged(region);
    }
    if (!committed.isEmpty()) {
      // Who hears of a split finds the new regions here.
      ready.thenRun(() -> settle(result.outcomes(), committed));
    }
    if (result.removed()) {
      end.finishDestroy();
      return;
    }
    adopt(result.memberships());
    group.applied(appliedIndex);
    if (fences.applied(appliedIndex, result.merging())) {
      followFences();
    }
    publish();
    announceLeadership();
    if (!result.absorbed().isEmpty() && announcedTerm != 0) {
      // Of a larger range than before.
      tell(new RegionEvent.LeaderGained(region, announcedTerm));
    }
    if (epochMoved && isLeader()) {
      events.reportNow(this);
    }
  }

  private void adopt(List<ApplyResult.AppliedMembership> changes) {
    Membership now = null;
    for (ApplyResult.AppliedMembership applied : changes) {
      now = group.membershipApplied(applied.change());
    }
    Invariant.check(
        now == null || now.equals(PeerChanges.membership(region)),
        "the peers of a region are not its Raft group",
        "region",
        regionId,
        "group",
        now);
  }

  /** A split is on its way. To be called before anything is sent. */
  void onSplitProposed(long index) {
    fences.splitProposed(index);
    followFences();
    // The new regions' leaders want voters that have made the split too.
    group.announceCommit(index);
  }

  /** The region is to become part of another. To be called before anything is sent. */
  void onMergeProposed(long index) {
    fences.mergeProposed(index);
    followFences();
    // The target's leader may be on any store.
    group.announceCommit(index);
  }

  private void followFences() {
    context.directory().setMerging(this, !end.isClosed() && fences.merging().isPresent());
    if (leaseSuspended != fences.isUp()) {
      leaseSuspended = fences.isUp();
      group.suspendLease(leaseSuspended);
    }
  }

  /** Entries after a removal have no outcome here: they stay open until the group closes. */
  private void settle(List<EntryOutcome> outcomes, List<CommittedEntry<Proposal>> committed) {
    RegionErrorException refusal = null;
    for (int i = 0; i < outcomes.size(); i++) {
      Optional<Proposal> proposal = committed.get(i).proposal();
      if (proposal.isEmpty()) {
        continue;
      }
      EntryOutcome outcome = outcomes.get(i);
      if (outcome.refusal().isPresent()) {
        if (refusal == null) {
          // The applier knows its own region only; the caller is to find all that came of it.
          refusal =
              RegionErrors.epochNotMatch(regionId, context.directory().withNeighbours(region));
        }
        proposal.get().done().completeExceptionally(refusal);
      } else {
        proposal.get().done().complete(outcome);
      }
    }
  }

  /** A snapshot has replaced everything; the apply loop has done its part. */
  void onSnapshotInstalled(Region installed, ApplyState applied, RegionApplier installedApplier) {
    if (end.isClosed()) {
      return;
    }
    region = installed;
    applier = installedApplier;
    appliedIndex = applied.getAppliedIndex();
    appliedTerm = applied.getAppliedTerm();
    counts = Counts.of(applied.getCounts());
    fences.applied(appliedIndex, Optional.empty());
    followFences();
    context.meters().onSnapshotInstalled();
    events.regionChanged(region);
    events.release(regionId);
    publish();
  }

  // Housekeeping.

  /** Looks after requests whose deadlines pass. */
  void sweep() {
    requests.sweep();
    if (reports.isDueAfterTrouble()) {
      events.reportNow(this);
    }
  }

  /** Takes over what a scan has counted. */
  void correctCounts(Counts scanned) {
    counts = scanned.withGarbage(counts.garbage());
    publish();
    applyLoop.execute(() -> applier.correctCounts(scanned));
  }

  /** How long no leader has been known, in nanoseconds; 0 if one is. */
  long leaderlessNanos() {
    return leaderlessSinceNanos == 0
        ? 0
        : context.environment().time().nanos() - leaderlessSinceNanos;
  }

  /** How it ends, and whether it has. */
  PeerEnd end() {
    return end;
  }

  /**
   * On the apply loop: whether the replica has left the region. What is staged under the region's
   * id from then on belongs to a later replica.
   */
  boolean isDestroyed() {
    return end.isDestroyed();
  }

  /** Runs a task of this replica; damage that it meets is the replica's end. On its loop. */
  void guard(Runnable task) {
    loop.guard(task);
  }

  /** Nobody is told of this replica any more. */
  void withdrawView() {
    view = Optional.empty();
  }

  void giveUpLeadership() {
    if (announcedTerm != 0) {
      announceLoss();
    }
  }

  private void publish() {
    view =
        region == null || end.isDamaged()
            ? Optional.empty()
            : Optional.of(
                new RegionView(
                    region,
                    self(),
                    peerById(group.role().leaderPeer()),
                    group.role().term(),
                    appliedIndex,
                    counts.bytes(),
                    counts.keys(),
                    counts.garbage()));
  }

  // For the classes that do one kind of work for this replica, on its loop.

  PeerContext context() {
    return context;
  }

  RaftGroup<Proposal> group() {
    return group;
  }

  EventLoop applyLoop() {
    return applyLoop;
  }

  /** On the apply loop; null while the replica has no data. */
  RegionApplier applier() {
    return applier;
  }

  long appliedIndex() {
    return appliedIndex;
  }

  /** Null while the replica has no data. */
  Region region() {
    return region;
  }

  Peer self() {
    return peerById(peerId)
        .orElseGet(() -> Peer.newBuilder().setId(peerId).setStoreId(context.storeId()).build());
  }

  /** A peer of the region; empty if there is none with this id, or no region yet. */
  Optional<Peer> peerById(long id) {
    return region == null ? Optional.empty() : PeerChanges.byId(region, id);
  }

  boolean isLeader() {
    return group.role().isLeader();
  }

  Counts counts() {
    return counts;
  }

  Traffic traffic() {
    return traffic;
  }

  LeaderReports reports() {
    return reports;
  }

  /** On the apply loop, or from any thread by what it says of itself. */
  ApplyPipeline pipeline() {
    return pipeline;
  }

  Fences fences() {
    return fences;
  }

  /** Whether its end has begun, so that it will be removed from the store. */
  boolean isLeaving() {
    return end.isLeaving();
  }

  boolean isClosed() {
    return end.isClosed();
  }

  boolean isDamaged() {
    return end.isDamaged();
  }

  private boolean isStopped() {
    return end.isClosed() || end.isDamaged();
  }

  /** Whether the replica has data and its Raft group, and is not closed. */
  boolean isServing() {
    return !isStopped() && group != null && region != null;
  }
}
