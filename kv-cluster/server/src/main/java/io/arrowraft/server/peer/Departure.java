package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.server.region.RegionView;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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

  /** Looks until somebody able to take over is looked for again. */
  private static final int LOOKS_WITHOUT_SUCCESSOR = 5;

  /**
   * Attempts without anybody to take over after which a region is kept. Not the first: whether the
   * others are heard from is judged anew every election time-out.
   */
  private static final int ATTEMPTS_WITHOUT_SUCCESSOR = 10;

  /**
   * How far the handing over of one region is.
   *
   * @param nextLook when it is tried again
   * @param inVain attempts for which there was no successor
   */
  private record Attempt(int nextLook, int inVain) {
    boolean isHopeless() {
      return inVain >= ATTEMPTS_WITHOUT_SUCCESSOR;
    }
  }

  private final RegionDirectory directory;
  private final long storeId;
  private final EventLoop loop;
  private final TimeSource time;
  private final Deadline deadline;
  private final TreeMap<Long, Attempt> attempts = new TreeMap<>();
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
          takeUp();
          LOG.atInfo()
              .addKeyValue("store", storeId)
              .addKeyValue("regions", attempts.size())
              .log("leaderships are handed over");
          look();
        });
    return done;
  }

  /** Also what has been elected or given to this store since the last look. */
  private void takeUp() {
    for (RegionView view : directory.views()) {
      if (view.isLeader() && view.region().getPeersCount() > 1) {
        attempts.putIfAbsent(view.region().getId(), new Attempt(looks, 0));
      }
    }
  }

  private void look() {
    takeUp();
    attempts.keySet().removeIf(this::isLedElsewhere);
    boolean waits = attempts.values().stream().anyMatch(attempt -> !attempt.isHopeless());
    if (!waits || deadline.isExpired(time)) {
      LOG.atInfo()
          .addKeyValue("store", storeId)
          .addKeyValue("kept", attempts.size())
          .log("leaderships were handed over");
      done.complete(null);
      return;
    }
    for (Map.Entry<Long, Attempt> entry : attempts.entrySet()) {
      Attempt attempt = entry.getValue();
      if (!attempt.isHopeless() && looks >= attempt.nextLook()) {
        entry.setValue(new Attempt(looks + LOOKS_PER_ATTEMPT, attempt.inVain()));
        attempt(entry.getKey());
      }
    }
    looks++;
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
                            loop.execute(() -> foundNobody(regionId));
                          }
                        }));
  }

  private void foundNobody(long regionId) {
    attempts.computeIfPresent(
        regionId,
        (id, attempt) -> new Attempt(looks + LOOKS_WITHOUT_SUCCESSOR, attempt.inVain() + 1));
  }
}
