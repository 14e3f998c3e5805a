package io.arrowraft.server.peer;

import io.arrowraft.raft.core.RaftStatus;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives leaderships away that the disk of this store does not allow it to use.
 *
 * <ul>
 *   <li>The log stands still. A leader needs no disk of its own to be heard, so its followers would
 *       not elect another, while nothing is applied here and nobody is answered. Only a voter takes
 *       over that has on disk what this replica waits for: where all disks stand still, changing
 *       leaders helps nobody.
 *   <li>There is no room for new data, which is refused. Whether others have room is not known
 *       here, so the next attempt comes only after a while.
 * </ul>
 */
final class UnfitToLead {
  private static final Logger LOG = LoggerFactory.getLogger(UnfitToLead.class);

  /** Between two times that the regions of a full store are offered to others. */
  private static final Duration FULL_INTERVAL = Duration.ofSeconds(10);

  private final long storeId;
  private final LogWatch log;
  private final Duration stallMax;
  private final TimeSource time;

  /** By loop name, each for its loop alone: when regions were last offered for want of room. */
  private final Map<String, AtomicLong> offeredNanos = new LinkedHashMap<>();

  private volatile boolean full;

  UnfitToLead(PeerContext context, LogWatch log) {
    this.storeId = context.storeId();
    this.log = log;
    this.stallMax = context.config().supervision().logStallMax();
    this.time = context.environment().time();
    long past = time.nanos() - FULL_INTERVAL.toNanos();
    context.regionLoops().forEach(loop -> offeredNanos.put(loop.name(), new AtomicLong(past)));
  }

  /** Takes note of whether new data is refused for want of room. Any thread. */
  void setFull(boolean refusesData) {
    full = refusesData;
  }

  /** Any thread. */
  boolean isFull() {
    return full;
  }

  /** Looks after the replicas of a loop that are awake. On that loop. */
  void look(EventLoop loop, List<RegionPeer> awake) {
    if (log.isStalledFor(stallMax)) {
      handOver(awake, "the log is not written", true);
    } else if (full) {
      AtomicLong last = offeredNanos.get(loop.name());
      if (time.nanos() - last.get() >= FULL_INTERVAL.toNanos()) {
        last.set(time.nanos());
        handOver(awake, "there is no room for new data", false);
      }
    }
  }

  private void handOver(List<RegionPeer> awake, String reason, boolean needsMoreOnDisk) {
    int begun = 0;
    for (RegionPeer peer : awake) {
      if (peer.isServing() && peer.isLeader()) {
        begun += handOver(peer, needsMoreOnDisk) == 0 ? 0 : 1;
      }
    }
    if (begun > 0) {
      LOG.atWarn()
          .addKeyValue("store", storeId)
          .addKeyValue("reason", reason)
          .addKeyValue("regions", begun)
          .log("leaderships are handed over");
    }
  }

  private static long handOver(RegionPeer peer, boolean needsMoreOnDisk) {
    RaftStatus status = peer.group().status();
    if (status.transferTo() != 0) {
      return 0;
    }
    long least = needsMoreOnDisk ? durableAt(status, peer.peerId()) + 1 : 0;
    return Handover.begin(peer, other -> durableAt(status, other) >= least);
  }

  private static long durableAt(RaftStatus status, long peer) {
    return status.peers().stream()
        .filter(each -> each.peer() == peer)
        .mapToLong(RaftStatus.PeerStatus::match)
        .findFirst()
        .orElse(0);
  }
}
