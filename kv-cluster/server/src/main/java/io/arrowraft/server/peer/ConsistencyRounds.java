package io.arrowraft.server.peer;

import io.arrowraft.runtime.EventLoop;
import io.arrowraft.server.region.RegionView;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the regions that are led here compared, one at a time, the one first whose turn is the
 * longest ago. The pause after each is what its replicas cost: as all stores do the same, each
 * hashes about as many bytes for the others as others do for it. Owned by the control loop.
 */
final class ConsistencyRounds {
  private static final Logger LOG = LoggerFactory.getLogger(ConsistencyRounds.class);

  /** How often it is looked whether a check is due. */
  static final Duration LOOK = Duration.ofSeconds(1);

  /** A store that starts has better things to do. */
  private static final Duration START_PAUSE = Duration.ofMinutes(5);

  private final PeerContext context;
  private final EventLoop loop;
  private final ConsistencyChecks checks;
  private final ConsistencyPace pace;
  private final Counter compared;

  /** Of regions led here; read by the gauge from any thread. */
  private final Map<Long, Looked> looked = new ConcurrentHashMap<>();

  private boolean underWay;
  private long dueNanos;

  /**
   * @param turnNanos when the region had its turn, or was first seen
   * @param comparedNanos when its replicas were compared, or it was first seen
   */
  private record Looked(long turnNanos, long comparedNanos) {}

  /**
   * @param loop the control loop
   */
  ConsistencyRounds(PeerContext context, EventLoop loop, ConsistencyChecks checks) {
    this.context = context;
    this.loop = loop;
    this.checks = checks;
    this.pace = context.config().supervision().consistency();
    this.dueNanos = now() + Math.min(START_PAUSE.toNanos(), pace.round().toNanos() / 10);
    this.compared =
        Counter.builder("arrowraft_store_consistency_checks_total")
            .description("Regions led here whose replicas were compared in the background")
            .register(context.environment().meters());
    Gauge.builder(
            "arrowraft_store_consistency_oldest_check_seconds", this, rounds -> rounds.oldest())
        .description("How long ago the replicas of some region led here were compared")
        .register(context.environment().meters());
  }

  private double oldest() {
    long now = now();
    long oldest = 0;
    for (Looked each : looked.values()) {
      oldest = Math.max(oldest, now - each.comparedNanos());
    }
    return oldest / (double) TimeUnit.SECONDS.toNanos(1);
  }

  /** Begins the next check if it is due. */
  void visit() {
    long now = now();
    if (underWay || now - dueNanos < 0) {
      return;
    }
    noteLed(now);
    looked.entrySet().stream()
        .min(
            Comparator.<Map.Entry<Long, Looked>>comparingLong(each -> each.getValue().turnNanos())
                .thenComparing(Map.Entry.comparingByKey()))
        .flatMap(next -> context.directory().find(next.getKey()))
        .ifPresent(peer -> begin(peer, now));
  }

  private void noteLed(long now) {
    looked.keySet().removeIf(regionId -> !isLed(regionId));
    for (RegionPeer each : context.directory().all()) {
      if (isLed(each.regionId())) {
        looked.putIfAbsent(each.regionId(), new Looked(now, now));
      }
    }
  }

  private boolean isLed(long regionId) {
    return context
        .directory()
        .find(regionId)
        .flatMap(RegionPeer::view)
        .filter(RegionView::isLeader)
        .isPresent();
  }

  private void begin(RegionPeer peer, long now) {
    RegionView view = peer.view().orElse(null);
    if (view == null) {
      return;
    }
    Duration cost = pace.timeFor(view.approximateBytes() * view.region().getPeersCount());
    Duration share = pace.round().dividedBy(Math.max(1, looked.size()));
    dueNanos = now + Math.max(cost.toNanos(), share.toNanos());
    underWay = true;
    looked.computeIfPresent(
        peer.regionId(), (regionId, before) -> new Looked(now, before.comparedNanos()));
    checks
        .checkUnhurried(peer, view.approximateBytes())
        .whenComplete(
            (report, failure) -> loop.execute(() -> ended(peer.regionId(), report, failure)));
  }

  private void ended(long regionId, ConsistencyReport report, Throwable failure) {
    underWay = false;
    if (failure != null) {
      LOG.debug("consistency not checked: region={}", regionId, failure);
    } else if (report.verdict() != ConsistencyReport.Verdict.UNDECIDED) {
      compared.increment();
      looked.computeIfPresent(regionId, (id, before) -> new Looked(before.turnNanos(), now()));
    }
  }

  private long now() {
    return context.environment().time().nanos();
  }
}
