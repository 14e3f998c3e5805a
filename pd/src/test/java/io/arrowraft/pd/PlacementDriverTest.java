package io.arrowraft.pd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.pd.replication.ReplicatedState;
import io.arrowraft.pd.testing.FakeCall;
import io.arrowraft.pd.testing.FakeServers;
import io.arrowraft.pd.testing.FakeStream;
import io.arrowraft.pd.testing.ManualLoop;
import io.arrowraft.pd.testing.MemoryLog;
import io.arrowraft.pd.testing.NoClient;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.AllocIDRequest;
import io.arrowraft.proto.pdpb.AllocIDResponse;
import io.arrowraft.proto.pdpb.BootstrapRequest;
import io.arrowraft.proto.pdpb.BootstrapResponse;
import io.arrowraft.proto.pdpb.GetRegionRequest;
import io.arrowraft.proto.pdpb.GetRegionResponse;
import io.arrowraft.proto.pdpb.GetStoreRequest;
import io.arrowraft.proto.pdpb.GetStoreResponse;
import io.arrowraft.proto.pdpb.RegionHeartbeatRequest;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.pdpb.RequestHeader;
import io.arrowraft.proto.pdpb.TsoRequest;
import io.arrowraft.proto.pdpb.TsoResponse;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.LoopFactory;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.storage.memory.MemoryEngine;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PlacementDriverTest {
  private final SplittableRandom random = new SplittableRandom(42);
  private ManualLoop loop = new ManualLoop();
  private MemoryEngine engine = new MemoryEngine();
  private final MemoryLog log = new MemoryLog(loop);
  private FakeServers servers = new FakeServers();
  private PlacementDriver driver;
  private long clusterId;

  /** Loops and pools that are all the one manual loop. */
  private record OneLoop(ManualLoop loop) implements LoopFactory {
    @Override
    public EventLoop newLoop(String name) {
      return loop;
    }

    @Override
    public WorkerPool newPool(String name, int threads, int queueMax) {
      return new WorkerPool() {
        @Override
        public String name() {
          return name;
        }

        @Override
        public void execute(Runnable task) {
          loop.execute(task);
        }
      };
    }
  }

  private CompletableFuture<Long> start() {
    Environment environment =
        new Environment(
            loop,
            component -> new SplittableRandom(random.nextLong()),
            new OneLoop(loop),
            (component, cause) -> {
              throw new AssertionError(component, cause);
            },
            new SimpleMeterRegistry());
    driver =
        new PlacementDriver(
            PdConfig.defaults("127.0.0.1", 0),
            environment,
            servers,
            new NoClient(),
            new ReplicatedState.Storage(log, engine));
    return driver.start();
  }

  private void startAndServe() {
    clusterId = loop.await(start());
    loop.advance(Duration.ofSeconds(1));
  }

  /** Loses what was not synced, and the tasks of the old process with it. */
  private void crashAndRestart() {
    long wall = loop.wallMillis();
    engine = engine.crash(random);
    loop = new ManualLoop();
    loop.stepWallClock(Duration.ofMillis(wall - loop.wallMillis()));
    log.crash(loop);
    servers = new FakeServers();
    startAndServe();
  }

  private RequestHeader header() {
    return RequestHeader.newBuilder().setClusterId(clusterId).build();
  }

  @SuppressWarnings("unchecked")
  private <Q, R> R call(String method, Q request) {
    RpcService.Binding<Q, R> binding =
        (RpcService.Binding<Q, R>) FakeServers.binding(servers.services, method);
    return loop.await(binding.unary().handle(request, new FakeCall()).toCompletableFuture());
  }

  @SuppressWarnings("unchecked")
  private <Q, R> RpcReceiver<Q> open(String method, FakeStream<R> responses) {
    RpcService.Binding<Q, R> binding =
        (RpcService.Binding<Q, R>) FakeServers.binding(servers.services, method);
    return binding.stream().accept(responses, new FakeCall());
  }

  private long timestamp() {
    FakeStream<TsoResponse> responses = new FakeStream<>();
    RpcReceiver<TsoRequest> requests = open("Tso", responses);
    requests.onMessage(TsoRequest.newBuilder().setHeader(header()).setCount(1).build());
    loop.advance(Duration.ofSeconds(1));
    assertThat(responses.failure).isNull();
    return responses.sent.get(0).getTimestamp().getPhysical() << 18
        | responses.sent.get(0).getTimestamp().getLogical();
  }

  private long id() {
    AllocIDResponse response =
        call("AllocID", AllocIDRequest.newBuilder().setHeader(header()).build());
    return response.getId();
  }

  private void bootstrap() {
    BootstrapResponse response =
        call(
            "Bootstrap",
            BootstrapRequest.newBuilder()
                .setHeader(header())
                .setStore(PdHarness.store(1))
                .setRegion(PdHarness.firstRegion())
                .build());
    assertThat(response.getHeader().hasError()).isFalse();
  }

  @Test
  void everythingAcknowledgedSurvivesCrashesThatLoseUnsyncedWrites() {
    startAndServe();
    bootstrap();
    long firstCluster = clusterId;
    long lastTimestamp = timestamp();
    long lastId = id();
    for (int round = 0; round < 20; round++) {
      loop.stepWallClock(Duration.ofSeconds(random.nextInt(-5, 5)));
      crashAndRestart();
      assertThat(clusterId).isEqualTo(firstCluster);
      long timestamp = timestamp();
      assertThat(timestamp).isGreaterThan(lastTimestamp);
      lastTimestamp = timestamp;
      long id = id();
      assertThat(id).isGreaterThan(lastId);
      lastId = id;
      GetStoreResponse store =
          call("GetStore", GetStoreRequest.newBuilder().setHeader(header()).setStoreId(1).build());
      assertThat(store.getStore().getAddress()).isEqualTo(PdHarness.store(1).getAddress());
      GetRegionResponse region =
          call("GetRegion", GetRegionRequest.newBuilder().setHeader(header()).build());
      assertThat(region.getRegion().getId()).isEqualTo(100);
    }
  }

  @Test
  void regionShapesAreRoutedFromTheRecordsAfterARestart() {
    startAndServe();
    bootstrap();
    Region.Builder shrunk = PdHarness.firstRegion().toBuilder().setEndKey(PdHarness.key("m"));
    shrunk.getRegionEpochBuilder().setVersion(2);
    RpcReceiver<RegionHeartbeatRequest> line =
        open("RegionHeartbeat", new FakeStream<RegionHeartbeatResponse>());
    Peer leader = shrunk.getPeers(0);
    line.onMessage(
        RegionHeartbeatRequest.newBuilder()
            .setHeader(header())
            .setRegion(shrunk)
            .setLeader(leader)
            .setTerm(6)
            .build());
    loop.advance(Duration.ofSeconds(1));
    crashAndRestart();
    GetRegionResponse region =
        call("GetRegion", GetRegionRequest.newBuilder().setHeader(header()).build());
    assertThat(region.getRegion()).isEqualTo(shrunk.build());
  }

  @Test
  void theLogIsCompactedAndARestartNeedsNothingOfWhatIsGone() {
    startAndServe();
    long before = timestamp();
    // A window is saved every two seconds.
    loop.advance(Duration.ofHours(3));
    assertThat(log.size()).isLessThan(3000);
    crashAndRestart();
    assertThat(timestamp()).isGreaterThan(before);
  }

  @Test
  void aPortInUseFailsTheStartAndChangesNothing() {
    servers.portInUse = true;
    CompletableFuture<Long> started = start();
    loop.advance(Duration.ofSeconds(5));
    assertThatThrownBy(started::join)
        .hasCauseInstanceOf(RpcException.class)
        .hasMessageContaining("cannot listen on 127.0.0.1:0");
    assertThat(log.groups()).isEmpty();
  }

  @Test
  void aStoppedMemberAnswersNothingAndKeepsEverything() {
    startAndServe();
    bootstrap();
    loop.await(driver.stop());
    assertThat(servers.closed).isTrue();
    assertThatThrownBy(this::id).hasMessageContaining("not leader");
    crashAndRestart();
    GetRegionResponse region =
        call("GetRegion", GetRegionRequest.newBuilder().setHeader(header()).build());
    assertThat(region.getRegion().getId()).isEqualTo(100);
  }
}
