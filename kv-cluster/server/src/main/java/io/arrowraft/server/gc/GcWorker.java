package io.arrowraft.server.gc;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.proto.pd.GcProgress;
import io.arrowraft.raft.grpc.StoreAddresses;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.Timer;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.server.flow.FlowController;
import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.server.txn.SnapshotReads;
import io.arrowraft.server.txn.TxnCommands;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the placement driver how far to go, and goes there region by region. */
public final class GcWorker {
  private static final Logger LOG = LoggerFactory.getLogger(GcWorker.class);
  private static final int REPORTS_MAX = 1024;
  private static final int READS_WAITING_MAX = 256;

  private final GcConfig config;
  private final RegionStore regions;
  private final PdClient pd;
  private final EventLoop loop;
  private final WorkerPool readers;
  private final TimeSource time;
  private final LockSweep locks;
  private final VersionSweep versions;
  private final Ledger ledger = new Ledger();
  private final ArrayDeque<Long> toSweep = new ArrayDeque<>();
  private final ArrayDeque<Long> toCollect = new ArrayDeque<>();
  private final AtomicLong lagging = new AtomicLong();
  private final Counter failures;
  private final Counter visited;
  private long target;
  private long collectable;
  private long endBefore;
  private int sweeping;
  private boolean collecting;
  private boolean stopped;
  private Timer timer = () -> {};

  /**
   * Where the worker works.
   *
   * @param commands settle locks
   * @param addresses of other stores
   * @param client reaches them
   * @param flow says when the engine is behind
   */
  public record Store(
      RegionStore regions,
      TxnCommands commands,
      FlowController flow,
      PdClient pd,
      StoreAddresses addresses,
      RpcClient client) {}

  public GcWorker(GcConfig config, Environment environment, Store store) {
    this.config = config;
    this.regions = store.regions();
    this.pd = store.pd();
    this.time = environment.time();
    this.loop = environment.loops().newLoop("gc");
    this.readers = environment.loops().newPool("gc-read", 1, READS_WAITING_MAX);
    MeterRegistry meters = environment.meters();
    SnapshotReads reads = new SnapshotReads(regions, readers, time);
    StoreCalls calls = new StoreCalls(pd, store.addresses(), store.client(), config.callTimeout());
    this.locks =
        new LockSweep(
            reads,
            store.commands(),
            store.commands().memoryLocks(),
            new Fates(calls),
            time,
            counter(
                meters, "arrowraft_gc_settled_locks_total", "Locks of old transactions settled"));
    this.versions =
        new VersionSweep(
            regions,
            reads,
            store.flow(),
            loop,
            time,
            config,
            counter(meters, "arrowraft_gc_removed_versions_total", "Records of versions removed"));
    this.visited =
        counter(
            meters, "arrowraft_gc_visited_regions_total", "Visits that removed versions, ended");
    this.failures =
        counter(
            meters,
            "arrowraft_gc_failed_tasks_total",
            "Regions whose locks or versions have to be looked at again");
    Gauge.builder("arrowraft_gc_lagging_regions", lagging, AtomicLong::get)
        .description("Regions led here with locks, perhaps, from before the target")
        .register(meters);
  }

  private static Counter counter(MeterRegistry meters, String name, String description) {
    return Counter.builder(name).description(description).register(meters);
  }

  /** Begins, at an instant of its own. */
  public void start() {
    loop.execute(this::round);
  }

  /** Begins nothing any more; what runs ends at its next step. */
  public void stop() {
    versions.stop();
    loop.execute(
        () -> {
          stopped = true;
          timer.cancel();
        });
  }

  private void round() {
    if (stopped) {
      return;
    }
    look();
    pd.reportGarbageCollection(regions.storeId(), ledger.reports(collectable, REPORTS_MAX))
        .whenComplete((progress, failure) -> loop.execute(() -> heard(progress, failure)));
    timer = loop.schedule(config.interval(), this::round);
  }

  private void heard(GcProgress progress, Throwable failure) {
    if (stopped) {
      return;
    }
    if (failure != null) {
      LOG.debug("how far to collect garbage is not known now", Async.cause(failure));
      return;
    }
    hold(progress.getSafePoint());
    boolean news =
        Ledger.isBelow(target, progress.getTarget())
            || Ledger.isBelow(collectable, progress.getCollectable());
    endBefore = later(endBefore, progress.getEndBefore());
    target = later(target, progress.getTarget());
    collectable = later(collectable, progress.getCollectable());
    if (news) {
      look();
    }
  }

  /** Writes, if it is news, so not on the loop. */
  private void hold(long safePoint) {
    if (!Ledger.isBelow(regions.safePoint(), safePoint)) {
      return;
    }
    try {
      readers.execute(() -> regions.raiseSafePoint(safePoint));
    } catch (RejectedExecutionException full) {
      LOG.debug("the safe point is taken up later", full);
    }
  }

  /** Lines up what is due: new targets need not wait for the visits of old ones. */
  private void look() {
    boolean sweepsLack = toSweep.isEmpty();
    boolean visitsLack = toCollect.isEmpty();
    if (!sweepsLack && !visitsLack) {
      next();
      return;
    }
    List<RegionView> led = regions.regions().stream().filter(RegionView::isLeader).toList();
    long now = time.nanos();
    ledger.keep(led, now);
    for (RegionView view : led) {
      long id = view.region().getId();
      Ledger.Entry entry = ledger.of(id);
      if (!entry.isFree(now)) {
        continue;
      }
      if (Ledger.isBelow(entry.resolved(), target)) {
        if (sweepsLack) {
          toSweep.add(id);
        }
      } else if (visitsLack && isDirty(view) && Ledger.isBelow(entry.collected(), collectable)) {
        toCollect.add(id);
      }
    }
    lagging.set(ledger.lagging(target));
    next();
  }

  private boolean isDirty(RegionView view) {
    return view.garbage() > 0 && view.garbage() >= view.approximateKeys() * config.garbageRatio();
  }

  private void next() {
    while (!stopped && sweeping < config.regionsAtOnce() && !toSweep.isEmpty()) {
      leading(toSweep.poll()).ifPresent(this::sweep);
    }
    while (!stopped && !collecting && !toCollect.isEmpty()) {
      leading(toCollect.poll()).ifPresent(this::collect);
    }
  }

  /** The region as of now, if it is still led here and nothing else is done to it. */
  private Optional<RegionView> leading(long regionId) {
    return regions
        .region(regionId)
        .filter(RegionView::isLeader)
        .filter(view -> ledger.of(regionId) != null && ledger.of(regionId).isFree(time.nanos()));
  }

  private void sweep(RegionView region) {
    Ledger.Entry entry = ledger.of(region.region().getId());
    long wanted = target;
    long over = endBefore;
    entry.begin();
    sweeping++;
    run(
        () -> locks.run(region, wanted, over),
        (reached, failure) -> {
          sweeping--;
          if (failure == null) {
            boolean whole = reached == wanted;
            ledger.swept(region.region(), reached);
            entry.resolved(reached, time.nanos(), whole ? Duration.ZERO : config.interval());
          } else {
            failed("locks", region, entry, failure);
          }
          lagging.set(ledger.lagging(target));
        });
  }

  private void collect(RegionView region) {
    Ledger.Entry entry = ledger.of(region.region().getId());
    long at = collectable;
    entry.begin();
    collecting = true;
    run(
        () -> versions.run(region, at),
        (none, failure) -> {
          collecting = false;
          if (failure == null) {
            visited.increment();
            entry.collected(at);
          } else {
            failed("versions", region, entry, failure);
          }
        });
  }

  /** Work that may throw at once. */
  @FunctionalInterface
  private interface Work<T> {
    CompletionStage<T> begin();
  }

  /** What to do with the result; on the loop. */
  @FunctionalInterface
  private interface End<T> {
    void accept(T result, Throwable failure);
  }

  private <T> void run(Work<T> work, End<T> end) {
    CompletionStage<T> begun;
    try {
      begun = work.begin();
    } catch (RuntimeException refused) {
      begun = java.util.concurrent.CompletableFuture.failedFuture(refused);
    }
    begun.whenComplete(
        (result, failure) ->
            loop.execute(
                () -> {
                  end.accept(result, failure);
                  next();
                }));
  }

  private void failed(String what, RegionView region, Ledger.Entry entry, Throwable failure) {
    failures.increment();
    entry.failed(time.nanos(), config.interval().dividedBy(4));
    LOG.debug(
        "garbage collection comes back to a region: what={}, region={}",
        what,
        region.region().getId(),
        Async.cause(failure));
  }

  private static long later(long a, long b) {
    return Ledger.isBelow(a, b) ? b : a;
  }
}
