package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.server.region.RegionView;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the leadership of all regions away before the store stops, so that nobody waits for an
 * election. Owned by the control loop.
 */
final class Departure {
  private static final Logger LOG = LoggerFactory.getLogger(Departure.class);
  private static final Duration LOOK = Duration.ofMillis(20);

  /** Looks between two attempts with a region: the first may have chosen a peer that just died. */
  private static final int LOOKS_PER_ATTEMPT = 25;

  private final RegionDirectory directory;
  private final long storeId;
  private final EventLoop loop;
  private final TimeSource time;
  private final Deadline deadline;
  private final TreeSet<Long> pending = new TreeSet<>();
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private int looks;

  Departure(
      RegionDirectory directory, long storeId, EventLoop loop, TimeSource time, Duration patience) {
    this.directory = directory;
    this.storeId = storeId;
    this.loop = loop;
    this.time = time;
    this.deadline = Deadline.after(patience, time);
  }

  /** Completes when other stores lead, or when the patience is at its end. */
  CompletableFuture<Void> begin() {
    loop.execute(
        () -> {
          for (RegionView view : directory.views()) {
            if (view.isLeader() && view.region().getPeersCount() > 1) {
              pending.add(view.region().getId());
            }
          }
          LOG.info("leaderships are handed over: store={}, regions={}", storeId, pending.size());
          look();
        });
    return done;
  }

  private void look() {
    pending.removeIf(regionId -> isLedElsewhere(regionId));
    if (pending.isEmpty() || deadline.isExpired(time)) {
      LOG.info("leaderships were handed over: store={}, kept={}", storeId, pending.size());
      done.complete(null);
      return;
    }
    if (looks++ % LOOKS_PER_ATTEMPT == 0) {
      pending.forEach(this::attempt);
    }
    loop.schedule(LOOK, this::look);
  }

  private boolean isLedElsewhere(long regionId) {
    Optional<RegionView> view = directory.find(regionId).flatMap(RegionPeer::view);
    // Until the new leader is known this replica's vote may be needed.
    Optional<Peer> leader = view.flatMap(RegionView::leader);
    return view.isEmpty() || leader.filter(peer -> peer.getStoreId() != storeId).isPresent();
  }

  private void attempt(long regionId) {
    directory
        .find(regionId)
        .ifPresent(
            peer ->
                peer.loop()
                    .execute(
                        () -> {
                          if (peer.isServing() && peer.isLeader() && Handover.begin(peer) == 0) {
                            loop.execute(() -> pending.remove(regionId));
                          }
                        }));
  }
}
