package io.arrowraft.server.peer;

import io.arrowraft.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * Keeps a split apart from everything else that could happen to the regions it creates. A replica
 * of such a region may be here already, made by a message; it is stopped, or its end awaited,
 * before the split looks at the records of its region on another apply loop. Owned by the control
 * loop.
 */
final class ExpectedChildren {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

  private final RegionDirectory directory;
  private final EventLoop loop;
  private final TreeSet<Long> expected = new TreeSet<>();

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

  /** Any thread. */
  void done(List<Long> regionIds) {
    loop.execute(() -> expected.removeAll(regionIds));
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
    RegionPeer peer = present.get();
    peer.loop()
        .execute(
            () -> {
              boolean leaving = peer.isLeaving();
              if (!leaving && peer.region() == null) {
                peer.end().close();
              }
              peer.applyLoop()
                  .execute(() -> loop.execute(() -> stopped(regionIds, leaving, quiet)));
            });
  }

  private void stopped(ArrayDeque<Long> regionIds, boolean leaving, CompletableFuture<Void> quiet) {
    if (leaving) {
      // Its log is on its way out too, and must be gone before there is another.
      loop.schedule(LOOK_AGAIN, () -> settleNext(regionIds, quiet));
    } else {
      regionIds.removeFirst();
      settleNext(regionIds, quiet);
    }
  }
}
