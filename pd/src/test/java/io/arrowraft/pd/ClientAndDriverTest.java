package io.arrowraft.pd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.PdClientConfig;
import io.arrowraft.pd.client.PdException;
import io.arrowraft.pd.client.RegionHeartbeats;
import io.arrowraft.pd.client.RpcPdClient;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.pd.replication.ReplicatedState;
import io.arrowraft.pd.testing.MemoryLog;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.RegionHeartbeatRequest;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.pdpb.StoreStats;
import io.arrowraft.rpc.grpc.GrpcRpcClient;
import io.arrowraft.rpc.grpc.GrpcRpcServers;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.threads.Blocking;
import io.arrowraft.runtime.threads.SystemRandom;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.runtime.threads.ThreadLoopFactory;
import io.arrowraft.storage.memory.MemoryEngine;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Client and driver over real gRPC and real threads, with state in memory. */
class ClientAndDriverTest {
  private final AtomicReference<Throwable> fault = new AtomicReference<>();
  private final ThreadLoopFactory loops =
      new ThreadLoopFactory("test", (component, cause) -> fault.set(cause));
  private final GrpcRpcClient rpc = new GrpcRpcClient("test", GrpcTransportOptions.defaults());
  private final EventLoop disk = loops.newLoop("disk");
  private final MemoryLog log = new MemoryLog(disk);
  private final MemoryEngine engine = new MemoryEngine();
  private PlacementDriver driver;
  private PdClient client;

  @BeforeEach
  void start() {
    driver = driver(0);
    await(driver.start());
    client = client(PdClientConfig.defaults(driver.address()));
  }

  @AfterEach
  void stop() {
    client.close();
    await(driver.stop());
    rpc.close();
    loops.close();
    assertThat(fault.get()).isNull();
  }

  private Environment environment() {
    return new Environment(
        SystemTime.INSTANCE,
        new SystemRandom(),
        loops,
        (component, cause) -> fault.set(cause),
        new SimpleMeterRegistry());
  }

  private PlacementDriver driver(int port) {
    return new PlacementDriver(
        PdConfig.defaults("127.0.0.1", port),
        environment(),
        new GrpcRpcServers("pd", GrpcTransportOptions.defaults(), SystemTime.INSTANCE),
        rpc,
        new ReplicatedState.Storage(log, engine));
  }

  private PdClient client(PdClientConfig config) {
    return new RpcPdClient(config, rpc, environment(), loops.newLoop("pd-client"));
  }

  private static <T> T await(CompletableFuture<T> future) {
    return Blocking.await(
        future, Duration.ofSeconds(30), () -> new IllegalStateException("no answer"));
  }

  private void bootstrap() {
    assertThat(await(client.bootstrap(PdHarness.store(1), PdHarness.firstRegion()))).isTrue();
    await(client.putStore(PdHarness.store(2)));
  }

  @Test
  void timestampsGrowForManyCallersAndAcrossARestart() {
    List<CompletableFuture<Timestamp>> all = new ArrayList<>();
    for (int i = 0; i < 50_000; i++) {
      all.add(client.timestamp());
    }
    List<Timestamp> taken = all.stream().map(ClientAndDriverTest::await).toList();
    assertThat(taken).isSorted().doesNotHaveDuplicates();
    String address = driver.address();
    await(driver.stop());
    driver = driver(Integer.parseInt(address.substring(address.indexOf(':') + 1)));
    CompletableFuture<Timestamp> meanwhile = client.timestamp();
    await(driver.start());
    assertThat(await(meanwhile)).isGreaterThan(taken.get(taken.size() - 1));
  }

  @Test
  void aStoreRegistersReportsAndIsGivenOrders() throws InterruptedException {
    assertThat(await(client.isBootstrapped())).isFalse();
    bootstrap();
    assertThat(await(client.isBootstrapped())).isTrue();
    StoreStats.Builder stats = StoreStats.newBuilder().setStoreId(2);
    await(client.storeHeartbeat(stats.build()));
    BlockingQueue<RegionHeartbeatResponse> orders = new LinkedBlockingQueue<>();
    CompletableFuture<Void> connected = new CompletableFuture<>();
    RegionHeartbeats line =
        client.openRegionHeartbeats(
            new RegionHeartbeats.Listener() {
              @Override
              public void onConnected() {
                connected.complete(null);
              }

              @Override
              public void onOrder(RegionHeartbeatResponse order) {
                orders.add(order);
              }
            });
    await(connected);
    Region region = PdHarness.firstRegion();
    Peer leader = region.getPeers(0);
    line.report(
        RegionHeartbeatRequest.newBuilder()
            .setRegion(region)
            .setLeader(leader)
            .setTerm(6)
            .setApproximateSize(77)
            .build());
    RegionHeartbeatResponse order = orders.poll(20, TimeUnit.SECONDS);
    assertThat(order).isNotNull();
    assertThat(order.getChangePeer().getPeer().getStoreId()).isEqualTo(2);
    assertThat(await(client.region(Bytes.ofUtf8("x"))).orElseThrow().leader()).contains(leader);
    assertThat(await(client.rangeStatistics(Bytes.EMPTY, Bytes.EMPTY)).approximateBytes())
        .isEqualTo(77);
    assertThat(await(client.scanRegions(Bytes.EMPTY, Bytes.EMPTY, 10))).hasSize(1);
    assertThat(await(client.askBatchSplit(region, 2))).hasSize(2);
    line.close();
  }

  @Test
  void unknownStoresAndOtherClustersAreTypedAnswers() {
    bootstrap();
    assertThat(await(client.store(99))).isEmpty();
    assertThat(await(client.stores())).hasSize(2);
    PdClient stranger = client(PdClientConfig.defaults(driver.address()).withClusterId(12345));
    assertThatThrownBy(() -> await(stranger.allocateId()))
        .isInstanceOfSatisfying(
            PdException.class,
            e -> assertThat(e.code()).isEqualTo(PdException.Code.CLUSTER_MISMATCH));
  }

  @Test
  void beforeBootstrapRoutingIsATypedError() {
    assertThatThrownBy(() -> await(client.region(Bytes.EMPTY)))
        .isInstanceOfSatisfying(
            PdException.class,
            e -> assertThat(e.code()).isEqualTo(PdException.Code.NOT_BOOTSTRAPPED));
  }

  @Test
  void safePointsAreHeldAndAdvanced() {
    bootstrap();
    assertThat(await(client.advanceGcSafePoint(new Timestamp(100)))).isEqualTo(new Timestamp(100));
    assertThat(await(client.advanceGcSafePoint(new Timestamp(50)))).isEqualTo(new Timestamp(100));
    assertThat(await(client.gcSafePoint())).isEqualTo(new Timestamp(100));
    assertThat(
            await(client.holdSafePoint("backup", Duration.ofMinutes(5), new Timestamp(80)))
                .service())
        .isEqualTo("gc_worker");
  }
}
