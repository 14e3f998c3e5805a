package io.arrowraft.pd.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.pdpb.RegionHeartbeatRequest;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.rpc.grpc.GrpcRpcClient;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.threads.Blocking;
import io.arrowraft.runtime.threads.SystemRandom;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.runtime.threads.ThreadLoopFactory;
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

class PdClientTest {
  private static final Duration BOUND = Duration.ofSeconds(20);
  private final AtomicReference<Throwable> fault = new AtomicReference<>();
  private ThreadLoopFactory loops;
  private GrpcRpcClient rpc;
  private Environment environment;
  private ScriptedPd pd;

  @BeforeEach
  void start() {
    loops = new ThreadLoopFactory("test", (component, cause) -> fault.set(cause));
    rpc = new GrpcRpcClient("test", GrpcTransportOptions.defaults());
    environment =
        new Environment(
            SystemTime.INSTANCE,
            new SystemRandom(),
            loops,
            (component, cause) -> fault.set(cause),
            new SimpleMeterRegistry());
    pd = new ScriptedPd(99, 0);
  }

  @AfterEach
  void stop() {
    // Before the threads that what still runs on them would call.
    loops.close();
    rpc.close();
    pd.close();
    assertThat(fault.get()).isNull();
  }

  private PdClient client(PdClientConfig config) {
    return new RpcPdClient(config, rpc, environment, loops.newLoop("pd-client"));
  }

  private PdClient client() {
    return client(PdClientConfig.defaults(pd.address()));
  }

  private static <T> T await(CompletableFuture<T> future) {
    return Blocking.await(future, BOUND, () -> new IllegalStateException("no answer"));
  }

  @Test
  void concurrentCallersShareTimestampRequestsAndNeverATimestamp() {
    PdClient client = client();
    List<CompletableFuture<Timestamp>> all = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      all.add(client.timestamp());
    }
    List<Timestamp> taken = all.stream().map(PdClientTest::await).toList();
    assertThat(taken).doesNotHaveDuplicates().isSorted();
    assertThat(pd.timestampRequests.get()).isLessThan(5_000);
  }

  @Test
  void timestampsGoOnAfterTheStreamBreaks() {
    PdClient client = client();
    Timestamp before = await(client.timestamp());
    pd.failuresToCome.set(2);
    assertThat(await(client.timestamp())).isGreaterThan(before);
  }

  @Test
  void callsAreRepeatedUntilTheLeaderAnswers() {
    pd.failuresToCome.set(3);
    assertThat(await(client().allocateId())).isEqualTo(42);
  }

  @Test
  void theLeaderIsFoundThroughAnyMember() {
    try (ScriptedPd follower = new ScriptedPd(99, 0)) {
      follower.leaderAddress = pd.address();
      PdClient client = client(PdClientConfig.defaults("127.0.0.1:1," + follower.address()));
      assertThat(await(client.clusterId())).isEqualTo(99);
      assertThat(await(client.allocateId())).isEqualTo(42);
    }
  }

  @Test
  void silenceAtTheAddressSaysWhatToDo() {
    PdClient client =
        client(
            PdClientConfig.defaults("127.0.0.1:1")
                .withTimeouts(
                    Duration.ofMillis(300), Duration.ofMillis(300), Duration.ofMillis(300)));
    assertThatThrownBy(() -> await(client.timestamp()))
        .isInstanceOfSatisfying(
            PdException.class, e -> assertThat(e.code()).isEqualTo(PdException.Code.UNREACHABLE))
        .hasMessageContaining("no placement driver answers at 127.0.0.1:1; check the address");
  }

  @Test
  void anotherClusterIsRefused() {
    PdClient client = client(PdClientConfig.defaults(pd.address()).withClusterId(5));
    assertThatThrownBy(() -> await(client.allocateId()))
        .isInstanceOfSatisfying(
            PdException.class,
            e -> assertThat(e.code()).isEqualTo(PdException.Code.CLUSTER_MISMATCH))
        .hasMessageContaining("cluster 99")
        .hasMessageContaining("cluster 5");
  }

  @Test
  void missingRegionsAndStoresAreEmptyNotErrors() {
    PdClient client = client();
    assertThat(await(client.region(Bytes.EMPTY))).isEmpty();
    assertThat(await(client.region(Bytes.ofUtf8("k"))).orElseThrow().leader()).isEmpty();
    assertThat(await(client.store(1)).orElseThrow().address()).isEqualTo("a:1");
    assertThat(await(client.store(9))).isEmpty();
  }

  @Test
  void tombstonesAreLeftOutOfAllStores() {
    assertThat(await(client().stores())).extracting(StoreInfo::id).containsExactly(1L, 2L);
  }

  @Test
  void secondBootstrapIsAnAnswer() {
    PdClient client = client();
    Store store = Store.newBuilder().setId(1).build();
    Region region = Region.newBuilder().setId(2).build();
    assertThat(await(client.bootstrap(store, region))).isTrue();
    assertThat(await(client.bootstrap(store, region))).isFalse();
  }

  @Test
  void heartbeatsReconnectAndAskForEverythingAnew() throws InterruptedException {
    BlockingQueue<String> events = new LinkedBlockingQueue<>();
    PdClient client = client();
    RegionHeartbeats line =
        client.openRegionHeartbeats(
            new RegionHeartbeats.Listener() {
              @Override
              public void onConnected() {
                events.add("connected");
              }

              @Override
              public void onOrder(RegionHeartbeatResponse order) {
                events.add("order " + order.getRegionId());
              }
            });
    assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("connected");
    RegionHeartbeatRequest report =
        RegionHeartbeatRequest.newBuilder().setRegion(Region.newBuilder().setId(3)).build();
    line.report(report);
    assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("order 3");
    int port = pd.port();
    pd.close();
    pd = new ScriptedPd(99, port);
    assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("connected");
    line.report(report);
    assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("order 3");
    line.close();
  }

  @Test
  void closingFailsWhatComesAfter() {
    PdClient client = client();
    await(client.timestamp());
    client.close();
    assertThatThrownBy(() -> await(client.timestamp()))
        .isInstanceOfSatisfying(
            PdException.class, e -> assertThat(e.code()).isEqualTo(PdException.Code.CLOSED));
    assertThatThrownBy(() -> await(client.allocateId()))
        .isInstanceOfSatisfying(
            PdException.class, e -> assertThat(e.code()).isEqualTo(PdException.Code.CLOSED));
  }
}
