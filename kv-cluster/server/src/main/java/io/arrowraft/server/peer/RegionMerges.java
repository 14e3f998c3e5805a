package io.arrowraft.server.peer;

import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.CommitMergeCommand;
import io.arrowraft.proto.store.LoggedEntry;
import io.arrowraft.proto.store.MergeState;
import io.arrowraft.proto.store.PrepareMergeCommand;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.raft.ProposalResult;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.RaftStatus;
import io.arrowraft.server.apply.CommandCodec;
import io.arrowraft.server.merge.MergeConditions;
import io.arrowraft.server.merge.MergeOutlook;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.server.state.RegionRecords;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Merges of regions: prepared where the source is led, by order of the placement driver; proposed
 * to the target by whichever store leads that; rolled back by the source's leader when the target
 * has changed instead. Called on the source's loop unless said otherwise.
 */
final class RegionMerges {
  private static final Logger LOG = LoggerFactory.getLogger(RegionMerges.class);
  private static final Duration STEP_INTERVAL = Duration.ofMillis(200);

  /** How long a leader that cannot tell what became of its merge waits before others may try. */
  private static final Duration UNKNOWN_MAX = Duration.ofSeconds(5);

  private final PeerContext context;

  RegionMerges(PeerContext context) {
    this.context = context;
  }

  /** The same as {@link #begin}, by an operator. Any thread. */
  CompletableFuture<Optional<String>> order(long regionId, Region wanted) {
    Optional<RegionPeer> source = context.directory().find(regionId);
    if (source.isEmpty()) {
      return CompletableFuture.completedFuture(Optional.of("the region is not on this store"));
    }
    CompletableFuture<Optional<String>> done = new CompletableFuture<>();
    RegionPeer peer = source.get();
    peer.loop()
        .execute(
            () ->
                done.complete(
                    peer.isServing() && peer.isLeader()
                        ? begin(peer, wanted)
                        : Optional.of("the region is not led on this store")));
    return done;
  }

  /**
   * Makes the region a part of its neighbour, which is as it was when this was ordered.
   *
   * @return why not; empty if it has begun
   */
  Optional<String> begin(RegionPeer source, Region wanted) {
    Region region = source.region();
    Optional<Region> target = here(wanted);
    RaftStatus status = source.group().status();
    MergeConditions.Gap gap = MergeConditions.gap(status, context.config().logEntriesKept());
    Optional<String> problem =
        target.isEmpty()
            ? Optional.of("the target is not here, or has changed")
            : source.fences().isUp()
                ? Optional.of("a split or a merge is under way")
                : MergeConditions.problem(region, target.get())
                    .or(gap::problem)
                    .or(() -> problemWith(source, status, gap));
    if (problem.isPresent()) {
      LOG.atInfo()
          .addKeyValue("region", region.getId())
          .addKeyValue("kind", "merge")
          .addKeyValue("target", wanted.getId())
          .addKeyValue("reason", problem.get())
          .log("order refused");
      return problem;
    }
    ProposalResult proposed =
        source
            .group()
            .propose(
                CommandCodec.prepareMerge(
                    region.getRegionEpoch(),
                    PrepareMergeCommand.newBuilder()
                        .setMinIndex(gap.minIndex())
                        .setTarget(target.get())
                        .build()),
                Proposal.unwatched(),
                0);
    boolean begun = proposed instanceof ProposalResult.Accepted;
    if (proposed instanceof ProposalResult.Accepted accepted) {
      source.onMergeProposed(accepted.index());
    }
    LOG.atInfo()
        .addKeyValue("source", region.getId())
        .addKeyValue("target", wanted.getId())
        .addKeyValue("minIndex", gap.minIndex())
        .addKeyValue("result", proposed)
        .log("merge prepared");
    return begun ? Optional.empty() : Optional.of("not proposed: " + proposed);
  }

  private Optional<Region> here(Region wanted) {
    return RegionRecords.regionState(context.engine(), wanted.getId())
        .filter(state -> state.getPhase() == RegionPhase.NORMAL)
        .map(RegionState::getRegion)
        .filter(region -> region.getRegionEpoch().equals(wanted.getRegionEpoch()));
  }

  private Optional<String> problemWith(
      RegionPeer source, RaftStatus status, MergeConditions.Gap gap) {
    long bytesMax = context.config().entryBytesMax() / 2;
    long count = status.lastIndex() + 1 - gap.minIndex();
    List<Entry> lacked =
        source.group().entries(gap.minIndex(), status.lastIndex() + 1, bytesMax + 1);
    return lacked.size() < count
        ? Optional.of("replicas lack more than " + bytesMax + " bytes")
        : MergeConditions.problem(lacked, bytesMax);
  }

  /** Takes the next step of a merge that is prepared, on any replica of the source. */
  void visit(RegionPeer source) {
    Optional<MergeState> prepared = source.fences().merging();
    if (prepared.isEmpty() || !source.isServing() || !source.fences().isStepDue(now())) {
      return;
    }
    source.fences().stepTaken(now() + STEP_INTERVAL.toNanos());
    MergeState merge = prepared.get();
    switch (MergeOutlook.of(context.engine(), source.regionId(), merge)) {
      case OPEN -> offer(source, merge);
      case IMPOSSIBLE -> rollBack(source, merge);
      case DONE -> {
        LOG.atInfo().addKeyValue("region", source.regionId()).log("replica has missed its merge");
        source.end().destroy(source.region());
      }
      case UNKNOWN -> {
        source.fences().stepTaken(now() + UNKNOWN_MAX.toNanos());
        long successor = Handover.begin(source);
        LOG.atWarn()
            .addKeyValue("source", source.regionId())
            .addKeyValue("target", merge.getTarget().getId())
            .addKeyValue("handedTo", successor)
            .log("merge cannot go on here");
      }
    }
  }

  private void offer(RegionPeer source, MergeState merge) {
    Region wanted = merge.getTarget();
    Optional<RegionPeer> target = context.directory().find(wanted.getId());
    Optional<RegionView> view = target.flatMap(RegionPeer::view);
    if (view.isEmpty()
        || !view.get().isLeader()
        || !view.get().region().getRegionEpoch().equals(wanted.getRegionEpoch())) {
      return;
    }
    CommitMergeCommand.Builder command =
        CommitMergeCommand.newBuilder()
            .setSource(source.region())
            .setMinIndex(merge.getMinIndex())
            .setCommit(merge.getCommit())
            .setCommitTerm(merge.getCommitTerm());
    for (Entry entry :
        source.group().entries(merge.getMinIndex(), merge.getCommit() + 1, Long.MAX_VALUE)) {
      command.addEntries(
          LoggedEntry.newBuilder()
              .setTerm(entry.term())
              .setData(UnsafeByteOperations.unsafeWrap(entry.data())));
    }
    byte[] data = CommandCodec.commitMerge(wanted.getRegionEpoch(), command.build());
    // One that is applied in vain is refused by its epoch.
    source.fences().stepTaken(now() + 5 * STEP_INTERVAL.toNanos());
    target.get().loop().execute(() -> propose(target.get(), source.regionId(), wanted, data));
  }

  /** On the target's loop. */
  private static void propose(RegionPeer target, long sourceId, Region wanted, byte[] data) {
    if (!target.isServing()
        || !target.isLeader()
        || target.fences().isMerging()
        || !target.region().getRegionEpoch().equals(wanted.getRegionEpoch())) {
      return;
    }
    ProposalResult proposed = target.group().propose(data, Proposal.unwatched(), 0);
    if (proposed instanceof ProposalResult.Accepted accepted) {
      target.group().announceCommit(accepted.index());
    }
    LOG.atInfo()
        .addKeyValue("target", target.regionId())
        .addKeyValue("source", sourceId)
        .addKeyValue("bytes", data.length)
        .addKeyValue("result", proposed)
        .log("merge proposed");
  }

  private void rollBack(RegionPeer source, MergeState merge) {
    if (!source.isLeader()) {
      return;
    }
    source.fences().stepTaken(now() + 5 * STEP_INTERVAL.toNanos());
    ProposalResult proposed =
        source
            .group()
            .propose(
                CommandCodec.rollbackMerge(source.region().getRegionEpoch(), merge.getCommit()),
                Proposal.unwatched(),
                0);
    LOG.atInfo()
        .addKeyValue("source", source.regionId())
        .addKeyValue("target", merge.getTarget().getId())
        .addKeyValue("result", proposed)
        .log("merge rolled back");
  }

  private long now() {
    return context.environment().time().nanos();
  }
}
