package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.CommitMergeCommand;
import io.arrowraft.proto.store.MergedRegion;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.proto.store.SnapshotManifest;
import io.arrowraft.raft.LogStore;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.Invariant;
import io.arrowraft.server.apply.MergeSource;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.state.DataFamilies;
import io.arrowraft.server.state.MergedRegions;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.WriteBatch;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a merge asks of two replicas of a store at once. Owned by the control loop. */
final class MergeControl {
  private static final Logger LOG = LoggerFactory.getLogger(MergeControl.class);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  private final PeerContext context;
  private final EventLoop loop;
  private final RangeMap ranges;
  private final LogStore logs;
  private boolean stopped;

  MergeControl(PeerContext context, EventLoop loop, RangeMap ranges, LogStore logs) {
    this.context = context;
    this.loop = loop;
    this.ranges = ranges;
    this.logs = logs;
  }

  void stop() {
    stopped = true;
  }

  /** Brings the source of a merge to the end of its log, and to a standstill. Any thread. */
  CompletableFuture<MergeSource> source(RegionPeer target, CommitMergeCommand merge) {
    CompletableFuture<MergeSource> ready = new CompletableFuture<>();
    context.meters().onMergeWait(1);
    ready.whenComplete((source, unusable) -> context.meters().onMergeWait(-1));
    loop.execute(() -> findSource(target, merge, ready));
    return ready;
  }

  private void findSource(
      RegionPeer target, CommitMergeCommand merge, CompletableFuture<MergeSource> ready) {
    long sourceId = merge.getSource().getId();
    Optional<RegionPeer> source = context.directory().find(sourceId);
    if (source.isEmpty()) {
      findLater(target, merge, ready);
      return;
    }
    RegionPeer found = source.get();
    found
        .loop()
        .execute(
            () -> {
              if (found.isDamaged()) {
                ready.completeExceptionally(RegionErrors.regionNotFound(sourceId));
              } else if (!found.end().yieldTo(merge, logs, ready)) {
                loop.execute(() -> findLater(target, merge, ready));
              }
            });
  }

  private void findLater(
      RegionPeer target, CommitMergeCommand merge, CompletableFuture<MergeSource> ready) {
    if (stopped) {
      return;
    }
    LOG.atWarn()
        .addKeyValue("target", target.regionId())
        .addKeyValue("source", merge.getSource().getId())
        .log("merge waits for its source");
    loop.schedule(LOOK_AGAIN, () -> findSource(target, merge, ready));
  }

  /** The regions' tombstones are durable: their logs go, and their ranges are the target's. */
  void absorbed(Region target, List<RegionState> sources) {
    loop.execute(
        () -> {
          for (RegionState source : sources) {
            LOG.atInfo()
                .addKeyValue("target", target.getId())
                .addKeyValue("source", source.getRegion().getId())
                .log("regions merged");
            context
                .directory()
                .find(source.getRegion().getId())
                .filter(peer -> peer.peerId() == source.getPeerId())
                .ifPresent(peer -> peer.loop().execute(peer.end()::onBuried));
          }
        });
  }

  /** The source's data was to become that of a replica which is gone. On its own apply loop. */
  void obsolete(RegionState source) {
    context
        .directory()
        .find(source.getRegion().getId())
        .ifPresent(
            peer ->
                peer.applyLoop()
                    .execute(
                        () -> {
                          WriteBatch end = new WriteBatch();
                          DataFamilies.deleteRange(end, source.getRegion());
                          RegionRecords.deleteApplyState(end, source.getRegion().getId());
                          RegionRecords.putRegionState(
                              end,
                              source.toBuilder()
                                  .setPhase(RegionPhase.TOMBSTONE)
                                  .clearMerge()
                                  .build());
                          context.engine().write(end, true);
                          peer.loop().execute(peer.end()::onBuried);
                        }));
  }

  /** Stops what a snapshot covers; see {@link PeerEvents#clear}. Any thread. */
  CompletableFuture<List<RegionState>> clear(SnapshotManifest incoming) {
    CompletableFuture<List<RegionState>> cleared = new CompletableFuture<>();
    loop.execute(
        () -> {
          ArrayDeque<Region> covered = new ArrayDeque<>(ranges.holders(incoming.getRegion()));
          for (Region region : covered) {
            Invariant.check(
                MergedRegions.contains(incoming.getMergedList(), region.getId()),
                "a snapshot overlaps with a region that is not part of its own",
                "snapshot",
                incoming.getRegion().getId(),
                "region",
                region.getId());
          }
          stopNext(covered, new ArrayList<>(), cleared);
        });
    return cleared;
  }

  /** What is to end; a record that cannot be read ends as well. On the replica's apply loop. */
  private Optional<RegionState> lastStateOf(Region region, long peerId) {
    try {
      return RegionRecords.regionState(context.engine(), region.getId())
          .filter(state -> state.getPhase() != RegionPhase.TOMBSTONE);
    } catch (CorruptDataException unreadable) {
      LOG.atWarn()
          .addKeyValue("region", region.getId())
          .setCause(unreadable)
          .log("state of a covered replica cannot be read");
      return Optional.of(RegionState.newBuilder().setRegion(region).setPeerId(peerId).build());
    }
  }

  /**
   * Replicas of regions that are part of the snapshot's now and held no part of its range: it has
   * been given on to others meanwhile. Any thread.
   */
  void endOthers(SnapshotManifest incoming, List<RegionState> covered) {
    TreeSet<Long> ended = new TreeSet<>();
    covered.forEach(state -> ended.add(state.getRegion().getId()));
    loop.execute(
        () -> {
          for (MergedRegion merged : incoming.getMergedList()) {
            if (!ended.contains(merged.getRegionId())) {
              context
                  .directory()
                  .find(merged.getRegionId())
                  .ifPresent(
                      peer ->
                          peer.loop()
                              .execute(() -> peer.end().destroy(StaleReplicas.lastKnown(peer))));
            }
          }
        });
  }

  private void stopNext(
      ArrayDeque<Region> covered,
      List<RegionState> stopped,
      CompletableFuture<List<RegionState>> cleared) {
    Region region = covered.pollFirst();
    if (region == null) {
      cleared.complete(stopped);
      return;
    }
    Optional<RegionPeer> peer = context.directory().find(region.getId());
    if (peer.isEmpty()) {
      stopNext(covered, stopped, cleared);
      return;
    }
    RegionPeer found = peer.get();
    found
        .loop()
        .execute(
            () -> {
              found.end().giveWay();
              found
                  .applyLoop()
                  .execute(
                      () -> {
                        lastStateOf(region, found.peerId()).ifPresent(stopped::add);
                        loop.execute(() -> stopNext(covered, stopped, cleared));
                      });
            });
  }
}
