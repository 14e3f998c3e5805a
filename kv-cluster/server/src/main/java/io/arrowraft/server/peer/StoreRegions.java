package io.arrowraft.server.peer;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.raft.GroupLogState;
import io.arrowraft.raft.LogStore;
import io.arrowraft.raft.LogWrite;
import io.arrowraft.raft.MultiRaft;
import io.arrowraft.raft.PeerTransport;
import io.arrowraft.raft.RaftGroupConfig;
import io.arrowraft.raft.RaftReceiver;
import io.arrowraft.raft.StoreUnreachable;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.LoopFactory;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.server.apply.ConsistencyListener;
import io.arrowraft.server.region.RegionObservers;
import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.snapshot.SnapshotInstaller;
import io.arrowraft.server.state.HeldSafePoint;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.WriteBatch;
import io.micrometer.core.instrument.Gauge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All replicas of one store, wired to their loops, their logs, other stores and the placement
 * driver.
 */
public final class StoreRegions {
  private static final Logger LOG = LoggerFactory.getLogger(StoreRegions.class);

  private final PeerContext context;
  private final EventLoop controlLoop;
  private final LogStore logs;
  private final LogWatch logWatch;
  private final RegionControl control;
  private final PeerGroups groups;
  private final Housekeeping housekeeping;
  private final UnfitToLead unfit;
  private final ConsistencyChecks checks;
  private final PlacementLink placement;
  private final RegionMerges merges;
  private final LocalRegions local;

  /**
   * How many threads a store's regions share.
   *
   * @param regionLoops loops that run Raft and dispatch
   * @param applyLoops loops that write to the data engine
   * @param workers tasks that scan or hash at a time
   */
  public record Threads(int regionLoops, int applyLoops, int workers) {
    private static final int PROCESSORS_PER_LOOP = 4;

    public Threads {
      if (regionLoops < 1 || applyLoops < 1 || workers < 1) {
        throw new IllegalArgumentException(
            "a store needs threads: " + regionLoops + ", " + applyLoops + ", " + workers);
      }
    }

    public static Threads defaults() {
      return new Threads(2, 2, 2);
    }

    /**
     * As few loops as keep a store's share of the processors busy: what shares a loop shares work.
     */
    public static Threads forProcessors(int processors) {
      int loops = Math.max(1, Math.min(4, processors / PROCESSORS_PER_LOOP));
      return new Threads(loops, loops, 2);
    }
  }

  /**
   * Where a store's data is.
   *
   * @param data the data engine
   * @param logs the Raft logs of all regions
   */
  public record Storage(Engine data, LogStore logs) {}

  /**
   * @param transport makes the way to other stores, given whom to tell of lost messages
   */
  public StoreRegions(
      Environment environment,
      long storeId,
      Threads threads,
      RegionConfig config,
      RaftGroupConfig raft,
      Storage storage,
      PdClient pd,
      Function<StoreUnreachable, PeerTransport> transport) {
    LoopFactory loops = environment.loops();
    this.logWatch =
        new LogWatch(storage.logs(), environment.time(), config.supervision().logSyncSlow());
    this.logs = logWatch;
    this.controlLoop = loops.newLoop("store-control");
    WorkerPool workers = loops.newPool("store-worker", threads.workers(), 256);
    RegionDirectory directory = new RegionDirectory();
    this.context =
        new PeerContext(
            environment,
            storeId,
            new AtomicReference<>(config),
            storage.data(),
            new RegionObservers(),
            pd,
            named(loops, "region", threads.regionLoops()),
            named(loops, "apply", threads.applyLoops()),
            workers,
            new StoreMeters(environment.meters()),
            new StoreTraffic(),
            new StoreReadGuard(),
            new DamagedReplicas(directory, storage.data(), environment.meters()),
            HeldSafePoint.of(storage.data()),
            new AtomicReference<>(ConsistencyListener.NONE),
            directory);
    this.checks = new ConsistencyChecks(context, controlLoop, logs);
    context.consistency().set(checks);
    RegionSplits splits = new RegionSplits(context);
    this.merges = new RegionMerges(context);
    this.placement = new PlacementLink(context.directory(), new PlacementOrders(splits, merges));
    this.control = new RegionControl(context, controlLoop, logs, placement::report);
    MultiRaft multiRaft =
        new MultiRaft(
            MultiRaft.Config.defaults(raft.tickInterval()),
            context.regionLoops(),
            control::onUnknownReplica);
    this.groups =
        new PeerGroups(
            context, control, raft, multiRaft, logs, transport.apply(multiRaft::unreachable));
    control.use(groups);
    Gauge.builder("arrowraft_store_awake_replicas", groups.rests(), PeerRests::awakeCount)
        .description("Replicas that are not asleep")
        .register(environment.meters());
    this.unfit = new UnfitToLead(context, logWatch);
    this.housekeeping = new Housekeeping(context, control, splits, merges, groups, checks, unfit);
    this.local = new LocalRegions(context, splits);
  }

  private static List<EventLoop> named(LoopFactory loops, String name, int count) {
    List<EventLoop> made = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      made.add(loops.newLoop(name + "-" + i));
    }
    return made;
  }

  /** The seam for services. Before the start it finds no region, and observers may register. */
  public RegionStore regions() {
    return local;
  }

  /** Where messages of other stores go. */
  public RaftReceiver receiver() {
    return groups;
  }

  /** Starts the replicas that the engine knows, finishing what a crash has left half done. */
  public CompletableFuture<Void> start() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    context
        .workers()
        .execute(
            () -> {
              List<CompletableFuture<Void>> logsRemoved = new ArrayList<>();
              List<RegionState> recovered = finishHalfDone(logsRemoved);
              // A new replica must not find the log of one that is gone.
              CompletableFuture.allOf(logsRemoved.toArray(new CompletableFuture<?>[0]))
                  .thenRun(() -> controlLoop.execute(() -> recover(recovered, done)));
            });
    return done;
  }

  private void recover(List<RegionState> states, CompletableFuture<Void> done) {
    states.forEach(control::recover);
    control.recoveryDone();
    groups.start();
    housekeeping.start(controlLoop);
    done.complete(null);
  }

  /** What the crash tables ask for at start; returns the regions with data. */
  private List<RegionState> finishHalfDone(List<CompletableFuture<Void>> logsRemoved) {
    Engine engine = context.engine();
    Map<Long, RegionState> states = new LinkedHashMap<>();
    for (RegionState state : RegionRecords.allRegionStates(engine)) {
      states.put(state.getRegion().getId(), state);
    }
    WriteBatch stale = new WriteBatch();
    for (long regionId :
        RegionRecords.regionsWithChunks(engine, id -> isApplying(states.get(id)))) {
      RegionRecords.deleteChunks(stale, regionId);
    }
    if (!stale.isEmpty()) {
      engine.write(stale, false);
    }
    SnapshotInstaller installer = new SnapshotInstaller(engine);
    List<RegionState> recovered = new ArrayList<>();
    for (RegionState state : states.values()) {
      switch (state.getPhase()) {
        case NORMAL, MERGING -> recovered.add(state);
        case APPLYING -> {
          finish(installer, state);
          recovered.add(SnapshotInstaller.installed(state));
        }
        case TOMBSTONE -> removeLog(state.getRegion(), logsRemoved);
        case UNSPECIFIED, UNRECOGNIZED ->
            io.arrowraft.runtime.Invariant.check(
                false, "region in an unknown phase", "region", state.getRegion().getId());
      }
    }
    return recovered;
  }

  private static boolean isApplying(RegionState state) {
    return state != null && state.getPhase() == RegionPhase.APPLYING;
  }

  /** Unless what was staged cannot be read: then the replica has nothing, and is replaced. */
  private void finish(SnapshotInstaller installer, RegionState applying) {
    long regionId = applying.getRegion().getId();
    if (context.damaged().recall(regionId, applying.getPeerId())) {
      return;
    }
    try {
      installer.finish(applying);
    } catch (CorruptDataException unreadable) {
      if (!DamagedReplicas.isOfOneReplica(unreadable)) {
        throw unreadable;
      }
      context.damaged().note(regionId, applying.getPeerId(), unreadable.getMessage());
    }
  }

  /** The tombstone was durable before its log was to go. */
  private void removeLog(Region region, List<CompletableFuture<Void>> removed) {
    if (hasLog(region.getId())) {
      CompletableFuture<Void> durable = new CompletableFuture<>();
      removed.add(durable);
      logs.submit(
          new LogWrite(
              region.getId(),
              GroupLogState.EMPTY,
              List.of(),
              0,
              0,
              true,
              true,
              () -> durable.complete(null)));
    }
  }

  private boolean hasLog(long regionId) {
    try {
      return logs.load(regionId).isPresent();
    } catch (CorruptDataException unreadable) {
      LOG.atWarn()
          .addKeyValue("region", regionId)
          .setCause(unreadable)
          .log("log of a region that has left cannot be read");
      return true;
    }
  }

  /** The configuration that holds now. */
  public RegionConfig config() {
    return context.config();
  }

  /** Changes the sizes at which regions split; other settings hold from the next start. */
  public void use(RegionConfig changed) {
    context.configs().set(changed);
  }

  /** Takes note of how many bytes new data may still take up here; 0: it is refused. Any thread. */
  public void observeRoom(long bytes) {
    groups.snapshots().observeRoom(bytes);
    unfit.setFull(bytes == 0);
  }

  /** What all snapshots of this store share. */
  public SnapshotBudget snapshots() {
    return groups.snapshots();
  }

  /**
   * Makes a region that is led here a part of its neighbour.
   *
   * @param target as the caller knows it
   * @return why not; empty if the merge has begun, which ends it or is rolled back
   */
  public CompletableFuture<Optional<String>> merge(long regionId, Region target) {
    return merges.order(regionId, target);
  }

  /** Opens the line to the placement driver, on which every region led here is reported. */
  public void openPlacementLine() {
    placement.open(context.pd());
  }

  /**
   * Reports the regions led here whose turn it is: each has one in every {@code parts}, so that the
   * reports of many regions do not come at once.
   */
  public void reportPart(int part, int parts) {
    placement.reportPart(part, parts);
  }

  /** How other stores' replicas are asked; before the start. */
  public void use(OtherReplicas others) {
    checks.use(others);
    control.use(others);
  }

  /**
   * Whether a region is known here to have become part of another one: by the end of its replica
   * here, or by the region that it is part of. Any thread.
   */
  public CompletableFuture<Boolean> hasMerged(long regionId) {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    controlLoop.execute(() -> answer.complete(control.hasMerged(regionId)));
    return answer;
  }

  /** The hash that the replica here has computed for a consistency check. Any thread. */
  public ReplicaHash hashAt(long regionId, long index) {
    return checks.hashAt(regionId, index);
  }

  /**
   * Compares the replicas of a region that is led here, and has those taken out that differ from
   * the majority. Any thread.
   *
   * @return fails with {@link io.arrowraft.server.region.RegionErrorException} if it is not led
   *     here
   */
  public CompletableFuture<ConsistencyReport> checkConsistency(long regionId) {
    return checks.check(regionId);
  }

  /** Replicas that are not asleep. Any thread. */
  public int awakeReplicas() {
    return groups.rests().awakeCount();
  }

  /** What the store did since the last call. Any thread. */
  public StoreStatistics takeStatistics() {
    StoreTraffic.Report traffic = context.traffic().take();
    LogWatch.Latency latency = logWatch.take();
    return new StoreStatistics(
        traffic.total(),
        traffic.hot(),
        context.meters().takeBusy(),
        latency.writes(),
        latency.slow(),
        latency.stalled(),
        unfit.isFull(),
        groups.snapshotsOnTheirWayOut(),
        context.damaged().regions());
  }

  /**
   * Gives leadership of all regions away where another replica can take over; then {@link #stop}
   * interrupts nobody.
   *
   * @return completes when it is done or {@code patience} is over, whichever comes first
   */
  public CompletableFuture<Void> leave(Duration patience) {
    return new Departure(
            context.directory(),
            context.storeId(),
            controlLoop,
            context.environment().time(),
            patience)
        .begin();
  }

  /** Stops all replicas; completes when nothing of theirs is under way in the data engine. */
  public CompletableFuture<Void> stop() {
    placement.close();
    housekeeping.stop();
    return control
        .stop()
        .whenComplete(
            (none, failure) -> {
              groups.stop();
              context
                  .regionLoops()
                  .forEach(loop -> loop.execute(() -> groups.closeSnapshots(loop)));
            });
  }
}
