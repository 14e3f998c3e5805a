package io.arrowraft.simulation.cluster;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.client.PdClientConfig;
import io.arrowraft.pd.client.PdException;
import io.arrowraft.pd.client.RpcPdClient;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.proto.store.StoreIdent;
import io.arrowraft.rpc.http.HttpHandler;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.server.gc.GcConfig;
import io.arrowraft.server.peer.RegionConfig;
import io.arrowraft.server.peer.StoreRegions;
import io.arrowraft.server.peer.Supervision;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.server.status.OnlineConfig;
import io.arrowraft.server.status.StoreStatusHttp;
import io.arrowraft.server.store.StoreConfig;
import io.arrowraft.server.store.StoreNode;
import io.arrowraft.simulation.check.ReplicationHistory;
import io.arrowraft.simulation.world.SimulatedNode;
import io.arrowraft.simulation.world.SimulatedWorld;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.mvcc.GarbageScan;
import io.arrowraft.storage.raftlog.RaftLogEngine;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A machine on which a store runs. */
final class SimulatedStore implements SimulatedMachine {
  private static final int PORT = 20160;

  /** When whoever watches over the process starts it again after it could not start. */
  private static final Duration START_AGAIN_AFTER = Duration.ofMillis(500);

  /** How long a store that stops waits for others to lead its regions. */
  private static final Duration LEAVE_PATIENCE = Duration.ofSeconds(2);

  private static final int QUESTIONS_MAX = 64;

  /** When a replica that knows no leader asks whether it still belongs to its region. */
  private static final Duration STALE_AFTER = Duration.ofSeconds(5);

  /** So small that a region takes several. */
  private static final GarbageScan.Limits GARBAGE_PAGE = new GarbageScan.Limits(16, 64);

  private final SimulatedWorld world;
  private final SimulatedNode node;
  private final String zone;
  private final List<String> placementAddresses;
  private final StoreTuning tuning;
  private final Disks disks;
  private final ReplicationHistory history;
  private ObservedLog log;
  private StoreNode store;
  private HttpHandler status;
  private boolean serving;
  private int starts;

  SimulatedStore(
      SimulatedWorld world,
      String name,
      String zone,
      List<String> placementAddresses,
      StoreTuning tuning,
      ReplicationHistory history) {
    this.world = world;
    this.zone = zone;
    this.history = history;
    this.node = world.newNode(name);
    this.placementAddresses = placementAddresses;
    this.tuning = tuning;
    this.disks = new Disks(world, node);
    node.expectFaults(Disk::ordered, () -> Restarts.stopAndStartAgain(world, this));
    wire();
  }

  @Override
  public SimulatedNode node() {
    return node;
  }

  @Override
  public void start() {
    node.restart();
    wire();
  }

  @Override
  public void crash(boolean losesPower) {
    node.crash();
    store.close();
    disks.crash(losesPower);
  }

  @Override
  public void restartInOrder() {
    StoreNode stopping = store;
    Restarts.startAgainAfter(
        stopping.leave(LEAVE_PATIENCE).thenCompose(left -> stopping.stop()), world, this);
  }

  @Override
  public Optional<Disks> disks() {
    return Optional.of(disks);
  }

  /** Asks at the process's status address. Whoever asks there is on the same machine. */
  void ask(HttpRequest request) {
    if (node.isUp()) {
      status
          .handle(request)
          .whenComplete(
              (answer, failure) -> {
                if (failure != null) {
                  history.violation(
                      "%s: %s /%s failed: %s"
                          .formatted(
                              node.name(),
                              request.method(),
                              String.join("/", request.segments()),
                              failure));
                }
              });
    }
  }

  private HttpHandler newStatus(Environment environment, StoreNode node) {
    return new StoreStatusHttp(
        config(),
        StoreNode.PROTOCOL_VERSION,
        () ->
            serving && node == store
                ? Optional.of(
                    new StoreStatusHttp.Serving(
                        1,
                        node.storeId(),
                        node.address(),
                        node.regions().regions(),
                        Optional.of(
                            new OnlineConfig(
                                node.services().flow(), node.replicas(), level -> {}))))
                : Optional.empty(),
        environment.meters(),
        () -> "",
        environment.loops().newPool("status", 1, QUESTIONS_MAX)::execute);
  }

  /** What was written to the data disk, whatever rots there. */
  Engine data() {
    return disks.dataNow();
  }

  /** The id that the store was given; 0 if none yet. */
  long storeId() {
    return RegionRecords.ident(data()).map(StoreIdent::getStoreId).orElse(0L);
  }

  /** Why the replica was given up; empty if it was not, or is gone. */
  Optional<String> damageOf(RegionState state) {
    return state.getPhase() == RegionPhase.TOMBSTONE
        ? Optional.empty()
        : RegionRecords.damageOf(data(), state.getRegion().getId(), state.getPeerId());
  }

  /** What the process that runs or ran last has written to its logs. */
  ObservedLog log() {
    return log;
  }

  /** Tells the history which ranges the store's replicas cover, by what is on its disk now. */
  void tellRanges() {
    if (!node.isUp()) {
      return;
    }
    TreeMap<String, String> here = new TreeMap<>();
    boolean sound = !disks.rotOfData().everTurned() && !disks.rotOfLog().everTurned();
    for (RegionState state : RegionRecords.allRegionStates(disks.dataNow())) {
      if (sound) {
        damageOf(state).ifPresent(reason -> givenUp(state.getRegion().getId(), reason));
      }
      if (state.getPhase() == RegionPhase.NORMAL || state.getPhase() == RegionPhase.MERGING) {
        Region region = state.getRegion();
        history.holds(
            node.name(),
            region.getId(),
            region.getRegionEpoch().getVersion(),
            hex(region.getStartKey()),
            hex(region.getEndKey()),
            here);
      }
    }
  }

  /** A replica may lack a staged file; else it is as good as its disk. */
  private void givenUp(long region, String reason) {
    if (!reason.contains("to be ingested")) {
      history.violation(
          "region %d: %s has given up its replica although no bit has turned there: %s"
              .formatted(region, node.name(), reason));
    }
  }

  private static String hex(ByteString key) {
    return HexFormat.of().formatHex(key.toByteArray());
  }

  private StoreConfig config() {
    RegionConfig regions =
        RegionConfig.defaults()
            .withSplitBytes(tuning.splitBytes())
            .withLog(
                tuning.logCheckInterval(),
                tuning.logEntriesKept(),
                tuning.logEntriesMax(),
                STALE_AFTER)
            .withSupervision(
                Supervision.defaults().withConsistencyInterval(tuning.consistencyInterval()));
    StoreConfig defaults = StoreConfig.defaults(node.name(), PORT);
    return defaults
        .withListen(defaults.listen().withLabels(Map.of("zone", zone)))
        .withRegions(regions)
        .withGc(GcConfig.defaults().withInterval(tuning.garbageInterval()).withPage(GARBAGE_PAGE))
        .withRaft(defaults.raft().withRest(tuning.restTicks()))
        .withHeartbeats(tuning.heartbeat(), tuning.heartbeat().multipliedBy(5));
  }

  private void wire() {
    Environment environment = node.environment();
    RpcClient rpc = world.network().client(node);
    EventLoop logLoop = environment.loops().newLoop("log");
    log =
        new ObservedLog(
            new RaftLogEngine(disks.logNow(), logLoop, environment.faults()),
            disks.openLog(logLoop, environment.faults()),
            node.name(),
            "",
            history,
            region ->
                RegionRecords.applyState(disks.dataNow(), region)
                    .map(
                        state ->
                            new ObservedLog.Applied(
                                state.getAppliedIndex(), state.getAppliedTerm())),
            node.afterWaits());
    store =
        new StoreNode(
            config(),
            environment,
            new StoreRegions.Storage(disks.openData(), log),
            rpc,
            world.network().servers(node),
            new RpcPdClient(
                PdClientConfig.defaults(placementAddresses),
                rpc,
                environment,
                environment.loops().newLoop("pd-client")));
    serving = false;
    status = newStatus(environment, store);
    store.observe(new RegionWatch(node.name(), log, history));
    int thisStart = ++starts;
    store
        .start()
        .whenComplete(
            (storeId, failure) -> {
              if (failure == null) {
                serving = true;
                store.removed().thenAccept(refusal -> leave(thisStart));
                return;
              }
              if (Async.cause(failure) instanceof PdException refusal) {
                if (refusal.code() == PdException.Code.STORE_REMOVED) {
                  leave(thisStart);
                } else {
                  world.at(START_AGAIN_AFTER, () -> startAgain(thisStart));
                }
              } else {
                environment.faults().fatal("start of " + node.name(), Async.cause(failure));
              }
            });
  }

  /** The store has been emptied and must not come back: its machine becomes another one. */
  private void leave(int lastStart) {
    world.at(
        START_AGAIN_AFTER,
        () -> {
          if (lastStart == starts) {
            if (node.isUp()) {
              crash(false);
            }
            disks.wipe();
            start();
          }
        });
  }

  private void startAgain(int failedStart) {
    if (failedStart == starts && node.isUp()) {
      crash(false);
      start();
    }
  }
}
