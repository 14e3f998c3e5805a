package io.arrowraft.pd;

import io.arrowraft.pd.http.PdHttp;
import io.arrowraft.pd.region.RegionRecorder;
import io.arrowraft.pd.region.RegionTree;
import io.arrowraft.pd.replication.ReplicatedState;
import io.arrowraft.pd.schedule.OperatorBoard;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.pd.service.Member;
import io.arrowraft.pd.service.OrderLines;
import io.arrowraft.pd.service.PdService;
import io.arrowraft.pd.state.IdPool;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.store.StoreRegistry;
import io.arrowraft.pd.tso.TimestampService;
import io.arrowraft.rpc.http.HttpHandler;
import io.arrowraft.rpc.http.Telemetry;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.runtime.rpc.RpcServer;
import io.arrowraft.runtime.rpc.RpcServers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One member of the placement driver, wired from its ports. A process, an embedded cluster and the
 * simulator are three callers of this constructor. Started once, stopped once.
 */
public final class PlacementDriver {
  private static final Logger LOG = LoggerFactory.getLogger(PlacementDriver.class);
  private static final Duration STOP_GRACE = Duration.ofMillis(200);
  private static final int BLOCKING_TASKS_MAX = 64;

  private final PdConfig config;
  private final EventLoop loop;
  private final WorkerPool pool;
  private final RpcServers servers;
  private final LeaderState leader;
  private final ReplicatedState log;
  private final Leadership leadership;
  private final Environment environment;
  private volatile RpcServer server;

  /**
   * A member that does nothing before {@link #start}.
   *
   * @param storage log and engine, opened and later closed by the caller
   */
  public PlacementDriver(
      PdConfig config,
      Environment environment,
      RpcServers servers,
      ReplicatedState.Storage storage) {
    this.config = config;
    this.environment = environment;
    this.servers = servers;
    this.loop = environment.loops().newLoop("pd");
    this.pool = environment.loops().newPool("pd-blocking", 1, BLOCKING_TASKS_MAX);
    PdState state = new PdState();
    this.log =
        new ReplicatedState(
            state, config.memberId(), environment, loop, pool, storage, this::leadershipChanged);
    this.leader =
        new LeaderState(
            state,
            log,
            new TimestampService(
                config.timestamps(), log, loop, environment.time(), config.waitersMax()),
            new IdPool(log, config.waitersMax()),
            new RegionTree(),
            new RegionRecorder(log),
            new StoreRegistry(state, environment.time()),
            new OperatorBoard(environment.time()),
            new OrderLines());
    this.leadership =
        new Leadership(leader, config, loop, environment.random().generator("pd-cluster-id"));
  }

  /**
   * Listens, loads the state and takes part.
   *
   * @return the cluster's id, once this member serves; fails if the port is in use or the state
   *     cannot be read
   */
  public CompletableFuture<Long> start() {
    CompletableFuture<Long> started = new CompletableFuture<>();
    try {
      server =
          servers.bind(
              config.host(),
              config.port(),
              PdService.of(this::self, leader, loop, environment.time()));
    } catch (RuntimeException refused) {
      started.completeExceptionally(refused);
      return started;
    }
    log.open()
        .whenComplete(
            (opened, failure) -> {
              if (failure != null) {
                started.completeExceptionally(Async.cause(failure));
              }
            });
    leadership.firstServing().thenAccept(started::complete);
    LOG.info("placement driver starts: name={}, address={}", config.name(), address());
    return started;
  }

  /**
   * {@code host:port} that clients should use; valid once {@link #start} has been called and has
   * not failed.
   */
  public String address() {
    RpcServer bound = server;
    if (bound == null) {
      throw new IllegalStateException("the placement driver does not listen");
    }
    return config.advertise(bound.address());
  }

  /**
   * What operators are answered over HTTP.
   *
   * @param pool writes the answers; refuses when it is full
   */
  public HttpHandler http(Telemetry telemetry, Executor pool) {
    return new PdHttp(config, this::self, leader, loop, pool, environment.time(), telemetry);
  }

  /**
   * Lets go of leadership and stops listening. The caller closes log, engine and loops afterwards.
   */
  public CompletableFuture<Void> stop() {
    CompletableFuture<Void> stopped = new CompletableFuture<>();
    loop.execute(
        () -> {
          leadership.deposed();
          log.close();
          pool.execute(
              () -> {
                RpcServer bound = server;
                if (bound != null) {
                  bound.close(STOP_GRACE);
                }
                stopped.complete(null);
              });
        });
    return stopped;
  }

  private Member self() {
    return new Member(config.name(), config.memberId(), address());
  }

  private void leadershipChanged(boolean leads) {
    if (leads) {
      leadership.elected();
    } else {
      leadership.deposed();
    }
  }
}
