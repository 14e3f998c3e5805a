package io.arrowraft.client.coprocessor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.RoutingException;
import io.arrowraft.client.fake.FakeCluster;
import io.arrowraft.client.fake.VirtualWorld;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.errorpb.NotLeader;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.table.KeyRange;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CoprocessorCallsTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final VirtualWorld world = new VirtualWorld();
  private final FakeCluster cluster = new FakeCluster(world);
  private final ArrowraftClient client = cluster.client();
  private final CoprocessorCalls calls = client.coprocessor();

  @Test
  void rangesAreCutAtRegionBounds() {
    cluster.split(KeySpace.TRANSACTIONAL, "d", "h");
    cluster.lead(2, KeySpace.TRANSACTIONAL, "e");
    List<RegionRanges> cut =
        world.await(calls.regionsOf(List.of(range("a", "b"), range("c", "e"), range("f", ""))));
    assertThat(cut).hasSize(3);
    assertThat(cut.get(0).ranges()).containsExactly(range("a", "b"), range("c", "d"));
    assertThat(cut.get(1).ranges()).containsExactly(range("d", "e"), range("f", "h"));
    assertThat(cut.get(1).storeAddress()).isEqualTo("store-2:1");
    assertThat(cut.get(1).storeHost()).isEqualTo("store-2");
    assertThat(cut.get(2).ranges()).containsExactly(range("h", ""));
    assertThat(world.await(calls.regionsOf(List.of()))).isEmpty();
  }

  @Test
  void aStreamCarriesThePlanToTheRegionsLeader() {
    RegionRanges target = world.await(calls.regionsOf(List.of(range("a", "z")))).get(0);
    CompletableFuture<List<Response>> all = new CompletableFuture<>();
    calls.stream(CoprocessorCalls.STREAM, target, request(), TIMEOUT, new Collecting(all))
        .request(10);
    assertThat(world.await(all))
        .extracting(response -> response.getData().toStringUtf8())
        .containsExactly("plan over 1 ranges");
  }

  @Test
  void aStaleRegionIsLookedUpAgain() {
    RegionRanges target = world.await(calls.regionsOf(List.of(range("a", "z")))).get(0);
    cluster.split(KeySpace.TRANSACTIONAL, "m");
    CompletableFuture<List<Response>> all = new CompletableFuture<>();
    calls.stream(CoprocessorCalls.STREAM, target, request(), TIMEOUT, new Collecting(all))
        .request(10);
    Response failed = world.await(all).get(0);
    assertThat(failed.hasRegionError()).isTrue();
    CoprocessorCalls.Resumption resumption =
        world.await(
            calls.recover(
                target,
                List.of(range("c", "z")),
                request(),
                new Interruption.RegionFailed(failed.getRegionError()),
                session()));
    assertThat(resumption.targets())
        .extracting(RegionRanges::ranges)
        .containsExactly(List.of(range("c", "m")), List.of(range("m", "z")));
  }

  @Test
  void anotherReplicaIsAskedWhenAStoreIsLost() {
    RegionRanges target = world.await(calls.regionsOf(List.of(range("a", "z")))).get(0);
    CoprocessorSession session = session();
    Interruption lost =
        new Interruption.StreamBroken(new RpcException(RpcStatus.UNAVAILABLE, "gone"));
    assertThat(
            world
                .await(calls.recover(target, target.ranges(), request(), lost, session))
                .targets()
                .get(0)
                .storeAddress())
        .isNotEqualTo(target.storeAddress());
  }

  @Test
  void locksOfTheLivingArePassedOn() {
    RegionRanges target = world.await(calls.regionsOf(List.of(range("a", "z")))).get(0);
    LockInfo lock = cluster.lockOfALivingTransaction("k", world.await(client.timestamp()));
    CoprocessorRequest asked =
        new CoprocessorRequest(7, Bytes.ofUtf8("plan"), world.await(client.timestamp()), Set.of());
    CoprocessorCalls.Resumption resumption =
        world.await(
            calls.recover(
                target, target.ranges(), asked, new Interruption.Locked(List.of(lock)), session()));
    assertThat(resumption.request().resolvedLocks()).containsExactly(lock.getLockVersion());
    assertThat(cluster.locks()).isEqualTo(1);
  }

  @Test
  void theSessionsDeadlineEndsTheRetries() {
    RegionRanges target = world.await(calls.regionsOf(List.of(range("a", "z")))).get(0);
    CoprocessorSession session = session();
    Interruption notLeader =
        new Interruption.RegionFailed(
            Error.newBuilder().setNotLeader(NotLeader.getDefaultInstance()).build());
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1000; i++) {
                world.await(calls.recover(target, target.ranges(), request(), notLeader, session));
              }
            })
        .isInstanceOf(RoutingException.class);
  }

  private CoprocessorSession session() {
    return world.await(calls.session(TIMEOUT));
  }

  private CoprocessorRequest request() {
    return new CoprocessorRequest(
        7, Bytes.ofUtf8("plan"), world.await(client.timestamp()), Set.of());
  }

  private static KeyRange range(String start, String end) {
    return KeyRange.of(
        start.getBytes(StandardCharsets.UTF_8), end.getBytes(StandardCharsets.UTF_8));
  }

  private record Collecting(CompletableFuture<List<Response>> all, List<Response> got)
      implements RpcReceiver<Response> {
    Collecting(CompletableFuture<List<Response>> all) {
      this(all, new ArrayList<>());
    }

    @Override
    public void onMessage(Response message) {
      got.add(message);
    }

    @Override
    public void onComplete() {
      all.complete(got);
    }

    @Override
    public void onError(RpcException failure) {
      all.completeExceptionally(failure);
    }
  }
}
