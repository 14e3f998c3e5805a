package io.arrowraft.server.peer;

import io.arrowraft.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * Keeps a split apart from everything else that could happen to the regions it creates. A replica
 * of such a region may be here already, made by a message; it is stopped, or its end awaited,
 * before the split looks at the records of its region on another apply loop. A replica that was
 * stopped is started over by the split, or let go of if there is none. Owned by the control loop.
 */
final class ExpectedChildren {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

  private final RegionDirectory directory;
  private final EventLoop loop;
  private final TreeSet<Long> expected = new TreeSet<>();

  /** By region: replicas made by a message that are stopped, and that the split may start over. */
  private final Map<Long, RegionPeer> stopped = new TreeMap<>();

  ExpectedChildren(RegionDirectory directory, EventLoop loop) {
    this.directory = directory;
    this.loop = loop;
  }

  boolean contains(long regionId) {
    return expected.contains(regionId);
  }

  /** Any thread; completes when nothing else touches the regions' replicas. */
  CompletableFuture<Void> expect(List<Long> regionIds) {
    CompletableFuture<Void> quiet = new CompletableFuture<>();
    loop.execute(
        () -> {
          expected.addAll(regionIds);
          settleNext(new ArrayDeque<>(regionIds), quiet);
        });
    return quiet;
  }

  /** The split goes on from the replica that was stopped. On the control loop. */
  void startedOver(long regionId) {
    stopped.remove(regionId);
  }

  /**
   * The split is over. If it made no replicas, since the one that it would have divided is gone, a
   * message must be able to make those again that were stopped for it. Any thread.
   */
  void done(List<Long> regionIds) {
    loop.execute(
        () -> {
          expected.removeAll(regionIds);
          for (long regionId : regionIds) {
            Optional.ofNullable(stopped.remove(regionId)).ifPresent(directory::remove);
          }
        });
  }

  private void settleNext(ArrayDeque<Long> regionIds, CompletableFuture<Void> quiet) {
    Long regionId = regionIds.peekFirst();
    if (regionId == null) {
      quiet.complete(null);
      return;
    }
    Optional<RegionPeer> present = directory.find(regionId);
    if (present.isEmpty()) {
      regionIds.removeFirst();
      settleNext(regionIds, quiet);
      return;
    }
    settle(present.get())
        .thenAccept(
            leaving ->
                loop.execute(
                    () -> {
                      if (leaving) {
                        // Its log is on its way out too, and must be gone before there is another.
                        loop.schedule(LOOK_AGAIN, () -> settleNext(regionIds, quiet));
                      } else {
                        regionIds.removeFirst();
                        settleNext(regionIds, quiet);
                      }
                    }));
  }

  /** Stops the replica if it has no data; says whether it is on its way out. */
  private CompletableFuture<Boolean> settle(RegionPeer peer) {
    CompletableFuture<Boolean> settled = new CompletableFuture<>();
    peer.loop()
        .execute(
            () -> {
              boolean leaving = peer.isLeaving();
              CompletableFuture<Void> atRest = CompletableFuture.completedFuture(null);
              if (!leaving && peer.region() == null) {
                peer.end().close();
                loop.execute(() -> stopped.put(peer.regionId(), peer));
                // A vote that it gives now is for its successor to know.
                atRest = peer.end().settled();
              }
              atRest.thenRun(() -> peer.applyLoop().execute(() -> settled.complete(leaving)));
            });
    return settled;
  }
}
