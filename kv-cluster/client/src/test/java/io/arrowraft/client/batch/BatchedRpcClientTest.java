package io.arrowraft.client.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.arrowraft.client.fake.VirtualWorld;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.errorpb.ServerIsBusy;
import io.arrowraft.proto.kvrpcpb.RawGetRequest;
import io.arrowraft.proto.kvrpcpb.RawGetResponse;
import io.arrowraft.proto.kvrpcpb.RawScanRequest;
import io.arrowraft.proto.kvrpcpb.RawScanResponse;
import io.arrowraft.proto.tikvpb.BatchCommandsRequest;
import io.arrowraft.proto.tikvpb.BatchCommandsResponse;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Calls that share a stream: with the outcomes that they would have had alone. */
class BatchedRpcClientTest {
  private static final RpcMethod<RawGetRequest, RawGetResponse> GET =
      RpcMethods.of(TikvGrpc.getRawGetMethod());
  private static final RpcMethod<RawScanRequest, RawScanResponse> SCAN =
      RpcMethods.of(TikvGrpc.getRawScanMethod());
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  private final VirtualWorld world = new VirtualWorld();
  private final EventLoop loop = world.newLoop("client");
  private final ScriptedStore store = new ScriptedStore();
  private final BatchedRpcClient client = new BatchedRpcClient(store, loop, world, world.meters());

  @Test
  void whatIsAskedTogetherLeavesTogether() {
    List<CompletableFuture<RawGetResponse>> answers = List.of(get("a"), get("b"), get("c"));
    turn();
    assertThat(store.batches).hasSize(1);
    assertThat(store.batches.get(0).getRequestsCount()).isEqualTo(3);
    store.answer(store.batches.get(0), 2, 0, 1);
    turn();
    assertThat(answers.stream().map(answer -> answer.join().getValue().toStringUtf8()))
        .containsExactly("a", "b", "c");
  }

  @Test
  void longAnswersTravelAlone() {
    client.call("store", SCAN, RawScanRequest.getDefaultInstance(), TIMEOUT);
    turn();
    assertThat(store.batches).isEmpty();
    assertThat(store.alone).containsExactly("RawScan");
  }

  @Test
  void largeRequestsTravelAlone() {
    client.call(
        "store",
        GET,
        RawGetRequest.newBuilder().setKey(ByteString.copyFrom(new byte[200 << 10])).build(),
        TIMEOUT);
    turn();
    assertThat(store.alone).containsExactly("RawGet");
  }

  @Test
  void anAnswerThatDoesNotComeInTimeIsOfUnknownOutcome() {
    CompletableFuture<RawGetResponse> answer = get("a");
    turn();
    world.advance(TIMEOUT.minusMillis(100));
    assertThat(answer).isNotDone();
    world.advance(Duration.ofMillis(200));
    assertThatThrownBy(() -> world.await(answer))
        .isInstanceOfSatisfying(
            RpcException.class,
            failure -> {
              assertThat(failure.status()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
              assertThat(failure.outcomeUnknown()).isTrue();
            });
    store.answer(store.batches.get(0), 0);
    turn();
    assertThat(get("b")).as("a late answer disturbs nobody").isNotDone();
  }

  @Test
  void whatWaitsForRoomWhileItsTimeRunsOutWasNotSent() {
    store.ready = false;
    CompletableFuture<RawGetResponse> answer = get("a");
    world.advance(TIMEOUT.plusMillis(100));
    assertThatThrownBy(() -> world.await(answer))
        .isInstanceOfSatisfying(
            RpcException.class, failure -> assertThat(failure.isNotSent()).isTrue());
    store.ready = true;
    store.receiver.onReady();
    turn();
    assertThat(store.batches).isEmpty();
  }

  @Test
  void whatWaitsForRoomLeavesWhenThereIsSome() {
    store.ready = false;
    get("a");
    turn();
    assertThat(store.batches).isEmpty();
    store.ready = true;
    store.receiver.onReady();
    turn();
    assertThat(store.batches).hasSize(1);
  }

  @Test
  void aBrokenStreamLeavesItsRequestsOpenAndTheNextOnesGoOnANewOne() {
    CompletableFuture<RawGetResponse> sent = get("a");
    turn();
    store.receiver.onError(new RpcException(RpcStatus.UNAVAILABLE, "connection reset"));
    CompletableFuture<RawGetResponse> next = get("b");
    turn();
    assertThatThrownBy(() -> world.await(sent))
        .isInstanceOfSatisfying(
            RpcException.class, failure -> assertThat(failure.outcomeUnknown()).isTrue());
    assertThat(store.streams).isEqualTo(2);
    store.answer(store.batches.get(1), 0);
    assertThat(world.await(next).getValue().toStringUtf8()).isEqualTo("b");
  }

  @Test
  void whatAStoppingStoreLeavesUnansweredMayGoElsewhere() {
    CompletableFuture<RawGetResponse> sent = get("a");
    turn();
    store.receiver.onComplete();
    assertThatThrownBy(() -> world.await(sent))
        .isInstanceOfSatisfying(
            RpcException.class, failure -> assertThat(failure.isUnreached()).isTrue());
  }

  @Test
  void aStoreThatNobodyReachesFailsWhatWaitsForIt() {
    store.ready = false;
    CompletableFuture<RawGetResponse> waiting = get("a");
    turn();
    store.receiver.onError(RpcException.unreached("connection refused", null));
    assertThatThrownBy(() -> world.await(waiting))
        .isInstanceOfSatisfying(
            RpcException.class, failure -> assertThat(failure.isUnreached()).isTrue());
  }

  @Test
  void aStoreThatKnowsNoBatchesIsCalledForEachRequest() {
    CompletableFuture<RawGetResponse> first = get("a");
    turn();
    store.receiver.onError(new RpcException(RpcStatus.UNIMPLEMENTED, "no such method"));
    assertThat(world.await(first).getValue().toStringUtf8()).isEqualTo("alone");
    world.await(get("b"));
    assertThat(store.streams).isEqualTo(1);
    assertThat(store.alone).containsExactly("RawGet", "RawGet");
  }

  @Test
  void aFailureWithoutAKindIsAskedAgainForItsStatus() {
    CompletableFuture<RawGetResponse> answer = get("a");
    turn();
    store.answer(
        store.batches.get(0),
        RawGetResponse.newBuilder().setRegionError(Error.newBuilder().setMessage("broken")));
    assertThat(world.await(answer).getValue().toStringUtf8()).isEqualTo("alone");
  }

  @Test
  void aRegionErrorOfAKindIsTheAnswer() {
    CompletableFuture<RawGetResponse> answer = get("a");
    turn();
    store.answer(
        store.batches.get(0),
        RawGetResponse.newBuilder()
            .setRegionError(Error.newBuilder().setServerIsBusy(ServerIsBusy.newBuilder())));
    assertThat(world.await(answer).getRegionError().hasServerIsBusy()).isTrue();
    assertThat(store.alone).isEmpty();
  }

  @Test
  void cancelledRequestsDoNotLeave() {
    store.ready = false;
    get("a").cancel(false);
    CompletableFuture<RawGetResponse> other = get("b");
    turn();
    store.ready = true;
    store.receiver.onReady();
    turn();
    assertThat(store.batches.get(0).getRequestsCount()).isEqualTo(1);
    assertThat(other).isNotDone();
  }

  private CompletableFuture<RawGetResponse> get(String key) {
    return client.call(
        "store",
        GET,
        RawGetRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build(),
        TIMEOUT);
  }

  private void turn() {
    world.advance(Duration.ofMillis(1));
  }

  /** The transport, with a store behind it that does as a test says. */
  private static final class ScriptedStore implements RpcClient {
    private final List<BatchCommandsRequest> batches = new ArrayList<>();
    private final List<String> alone = new ArrayList<>();
    private RpcReceiver<BatchCommandsResponse> receiver;
    private boolean ready = true;
    private int streams;

    /** Answers the requests at some places of a batch, in that order, each with its own key. */
    void answer(BatchCommandsRequest batch, int... places) {
      BatchCommandsResponse.Builder response = BatchCommandsResponse.newBuilder();
      for (int place : places) {
        response
            .addRequestIds(batch.getRequestIds(place))
            .addResponses(
                BatchCommandsResponse.Response.newBuilder()
                    .setRawGet(
                        RawGetResponse.newBuilder()
                            .setValue(batch.getRequests(place).getRawGet().getKey())));
      }
      receiver.onMessage(response.build());
    }

    void answer(BatchCommandsRequest batch, RawGetResponse.Builder answer) {
      receiver.onMessage(
          BatchCommandsResponse.newBuilder()
              .addRequestIds(batch.getRequestIds(0))
              .addResponses(BatchCommandsResponse.Response.newBuilder().setRawGet(answer))
              .build());
    }

    @Override
    @SuppressWarnings("unchecked") // Only gets are asked for their answers.
    public <Q, R> CompletableFuture<R> call(
        String address, RpcMethod<Q, R> method, Q request, Duration timeout) {
      alone.add(method.name());
      return (CompletableFuture<R>)
          CompletableFuture.completedFuture(
              RawGetResponse.newBuilder().setValue(ByteString.copyFromUtf8("alone")).build());
    }

    @Override
    @SuppressWarnings("unchecked") // Only batches are streamed.
    public <Q, R> RpcStream<Q> open(
        String address, RpcMethod<Q, R> method, Duration timeout, RpcReceiver<R> responses) {
      streams++;
      receiver = (RpcReceiver<BatchCommandsResponse>) responses;
      return new RpcStream<>() {
        @Override
        public void send(Q message) {
          batches.add((BatchCommandsRequest) message);
        }

        @Override
        public boolean isReady() {
          return ready;
        }

        @Override
        public void request(int count) {
          // Tests deliver what they please.
        }

        @Override
        public void complete() {
          responses.onComplete();
        }

        @Override
        public void fail(RpcException failure) {
          responses.onError(failure);
        }
      };
    }
  }
}
