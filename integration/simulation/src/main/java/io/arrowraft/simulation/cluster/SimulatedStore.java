package io.arrowraft.simulation.cluster;

import io.arrowraft.pd.client.PdClientConfig;
import io.arrowraft.pd.client.PdException;
import io.arrowraft.pd.client.RpcPdClient;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.server.peer.RegionConfig;
import io.arrowraft.server.peer.StoreRegions;
import io.arrowraft.server.store.StoreConfig;
import io.arrowraft.server.store.StoreNode;
import io.arrowraft.simulation.world.SimulatedNode;
import io.arrowraft.simulation.world.SimulatedWorld;
import io.arrowraft.storage.raftlog.RaftLogEngine;
import java.time.Duration;
import java.util.List;

/** A machine on which a store runs. */
final class SimulatedStore implements SimulatedMachine {
  private static final int PORT = 20160;

  /** When whoever watches over the process starts it again after it could not start. */
  private static final Duration START_AGAIN_AFTER = Duration.ofMillis(500);

  /** When a replica that knows no leader asks whether it still belongs to its region. */
  private static final Duration STALE_AFTER = Duration.ofSeconds(5);

  private final SimulatedWorld world;
  private final SimulatedNode node;
  private final String placementAddress;
  private final StoreTuning tuning;
  private final Disk data;
  private final Disk log;
  private StoreNode store;
  private int starts;

  SimulatedStore(SimulatedWorld world, String name, String placementAddress, StoreTuning tuning) {
    this.world = world;
    this.node = world.newNode(name);
    this.placementAddress = placementAddress;
    this.tuning = tuning;
    this.data = new Disk(world.newGenerator("disk/" + name + "/data"));
    this.log = new Disk(world.newGenerator("disk/" + name + "/log"));
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
    data.crash(losesPower);
    log.crash(losesPower);
  }

  private StoreConfig config() {
    RegionConfig regions =
        RegionConfig.defaults()
            .withSplitBytes(tuning.splitBytes())
            .withLog(
                tuning.logCheckInterval(),
                tuning.logEntriesKept(),
                tuning.logEntriesMax(),
                STALE_AFTER);
    return StoreConfig.defaults(node.name(), PORT)
        .withRegions(regions)
        .withHeartbeats(tuning.heartbeat(), tuning.heartbeat().multipliedBy(5));
  }

  private void wire() {
    Environment environment = node.environment();
    RpcClient rpc = world.network().client(node);
    store =
        new StoreNode(
            config(),
            environment,
            new StoreRegions.Storage(
                data.engine(),
                new RaftLogEngine(
                    log.engine(), environment.loops().newLoop("log"), environment.faults())),
            rpc,
            world.network().servers(node),
            new RpcPdClient(
                PdClientConfig.defaults(List.of(placementAddress)),
                rpc,
                environment,
                environment.loops().newLoop("pd-client")));
    int thisStart = ++starts;
    store
        .start()
        .whenComplete(
            (storeId, failure) -> {
              if (failure == null) {
                return;
              }
              if (Async.cause(failure) instanceof PdException) {
                world.at(START_AGAIN_AFTER, () -> startAgain(thisStart));
              } else {
                environment.faults().fatal("start of " + node.name(), Async.cause(failure));
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
