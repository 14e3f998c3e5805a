package io.arrowraft.pd;

import io.arrowraft.pd.http.PdHttp;
import io.arrowraft.pd.member.Joining;
import io.arrowraft.pd.member.MemberBook;
import io.arrowraft.pd.member.MemberCalls;
import io.arrowraft.pd.member.MemberChanges;
import io.arrowraft.pd.member.MemberMeters;
import io.arrowraft.pd.member.MemberService;
import io.arrowraft.pd.member.MembershipKeeper;
import io.arrowraft.pd.replication.ReplicatedState;
import io.arrowraft.pd.replication.Surroundings;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.pd.service.Member;
import io.arrowraft.pd.service.PdService;
import io.arrowraft.pd.settings.Settings;
import io.arrowraft.pd.state.IdPool;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.tso.TimestampMeters;
import io.arrowraft.pd.tso.TimestampService;
import io.arrowraft.raft.grpc.RaftRpcService;
import io.arrowraft.rpc.http.HttpHandler;
import io.arrowraft.rpc.http.Telemetry;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcServer;
import io.arrowraft.runtime.rpc.RpcServers;
import io.arrowraft.runtime.rpc.RpcService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

  /** A leader that stops waits for so long at most until another member leads. */
  private static final Duration HAND_OVER_BOUND = Duration.ofMillis(1500);

  private static final int BLOCKING_TASKS_MAX = 64;

  private final PdConfig config;
  private final EventLoop loop;
  private final WorkerPool pool;
  private final RpcServers servers;
  private final RpcClient client;
  private final LeaderState leader;
  private final ReplicatedState log;
  private final Leadership leadership;
  private final Environment environment;
  private final MemberBook book;
  private final MemberChanges changes;
  private final MembershipKeeper keeper;
  private final CompletableFuture<Long> started = new CompletableFuture<>();
  private volatile RpcServer server;
  private volatile PdHttp http;

  /**
   * A member that does nothing before {@link #start}.
   *
   * @param client reaches the other members; closed by the caller
   * @param storage log and engine, opened and later closed by the caller
   */
  public PlacementDriver(
      PdConfig config,
      Environment environment,
      RpcServers servers,
      RpcClient client,
      ReplicatedState.Storage storage) {
    this.config = config;
    this.environment = environment;
    this.servers = servers;
    this.client = client;
    this.loop = environment.loops().newLoop("pd");
    this.pool = environment.loops().newPool("pd-blocking", 1, BLOCKING_TASKS_MAX);
    PdState state = new PdState();
    this.log =
        new ReplicatedState(
            state,
            config.group(),
            new ReplicatedState.Ports(environment, loop, pool, client),
            storage,
            new Around());
    this.leader =
        LeaderState.of(
            state,
            log,
            new TimestampService(
                config.timestamps(),
                log,
                loop,
                environment.time(),
                config.waitersMax(),
                new TimestampMeters(environment.meters())),
            new IdPool(log, config.waitersMax()),
            new Settings(state, config.schedule(), config.replicas()),
            environment.time(),
            environment.random().generator("pd-schedule"));
    this.leadership =
        new Leadership(leader, config, loop, environment.random().generator("pd-cluster-id"));
    this.book = new MemberBook(config.name(), this::address, log, leader);
    this.changes = new MemberChanges(book, log, leader);
    this.keeper =
        new MembershipKeeper(
            new MembershipKeeper.Subject(book, log, changes),
            loop,
            environment.time(),
            client,
            new MemberMeters(environment.meters()));
  }

  /**
   * Listens, loads the state and takes part.
   *
   * @return the cluster's id, once this member serves or follows one that does; fails if the port
   *     is in use, the state cannot be read, or this member does not belong to the cluster
   */
  public CompletableFuture<Long> start() {
    List<RpcService> services =
        new ArrayList<>(PdService.of(book, leader, loop, environment.time()));
    services.add(
        MemberService.of(book, changes, leader, loop, () -> http == null ? null : http.direct()));
    services.add(RaftRpcService.of(log::memberId, log.receiver()));
    try {
      server = servers.bind(config.host(), config.port(), services);
    } catch (RuntimeException refused) {
      started.completeExceptionally(refused);
      return started;
    }
    log.open()
        .whenComplete(
            (opened, failure) -> {
              if (failure != null) {
                started.completeExceptionally(Async.cause(failure));
              } else {
                loop.execute(keeper::start);
              }
            });
    leadership.firstServing().thenAccept(started::complete);
    LOG.atInfo()
        .addKeyValue("name", config.name())
        .addKeyValue("address", address())
        .log("placement driver starts");
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

  /** The leader as far as this member knows; called on its loop. */
  Optional<Member> leader() {
    return book.leader();
  }

  /** All members as far as this one knows; called on its loop. */
  List<Member> members() {
    return book.all();
  }

  /** This member's id in its group; 0 before it is known. */
  public long memberId() {
    return log.memberId();
  }

  /**
   * What operators are answered over HTTP. Asked for once.
   *
   * @param pool writes the answers; refuses when it is full
   */
  public HttpHandler http(Telemetry telemetry, Executor pool) {
    http =
        new PdHttp(
            config,
            new MemberCalls(book, changes, client, loop),
            leader,
            loop,
            pool,
            environment.time(),
            telemetry);
    return http;
  }

  /**
   * Hands leadership to another member if there is one, takes part no longer and stops listening.
   * The caller closes log, engine and loops afterwards.
   */
  public CompletableFuture<Void> stop() {
    CompletableFuture<Void> stopped = new CompletableFuture<>();
    loop.execute(
        () -> {
          keeper.stop();
          CompletableFuture<Void> handed =
              changes
                  .successor()
                  .map(log::handOver)
                  .orElseGet(() -> CompletableFuture.completedFuture(null));
          Async.within(
                  handed,
                  HAND_OVER_BOUND,
                  loop,
                  () -> new IllegalStateException("nobody took leadership"))
              .whenComplete((done, late) -> loop.run(() -> end(stopped)));
        });
    return stopped;
  }

  private void end(CompletableFuture<Void> stopped) {
    leadership.deposed();
    log.close()
        .thenRun(
            () ->
                pool.execute(
                    () -> {
                      RpcServer bound = server;
                      if (bound != null) {
                        bound.close(STOP_GRACE);
                      }
                      stopped.complete(null);
                    }));
  }

  /** What the replicated state asks of this member. */
  private final class Around implements Surroundings {
    @Override
    public String address() {
      return PlacementDriver.this.address();
    }

    @Override
    public CompletableFuture<Admission> join(long token) {
      return Joining.ask(
          client,
          loop,
          config.group().join(),
          config.name(),
          PlacementDriver.this.address(),
          token);
    }

    @Override
    public void leadershipChanged(boolean leads) {
      if (leads) {
        leadership.elected();
      } else {
        leadership.deposed();
      }
    }

    @Override
    public void membersChanged() {
      // A follower is there for its clients when it can tell them who leads.
      if (book.clusterId() != 0
          && book.leader().filter(member -> member.id() != log.memberId()).isPresent()) {
        started.complete(book.clusterId());
      }
    }

    @Override
    public void removed() {
      LOG.atError()
          .addKeyValue("name", config.name())
          .log("this member has been removed from the cluster and takes part no longer");
      leadership.deposed();
      started.completeExceptionally(
          new IllegalStateException("this member has been removed from its cluster"));
    }
  }
}
