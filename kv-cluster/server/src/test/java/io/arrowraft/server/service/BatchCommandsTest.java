package io.arrowraft.server.service;

import static io.arrowraft.server.fakes.TikvFixture.context;
import static io.arrowraft.server.fakes.TikvFixture.prewrite;
import static io.arrowraft.server.fakes.TikvFixture.put;
import static io.arrowraft.server.fakes.TikvFixture.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.kvrpcpb.BatchRollbackRequest;
import io.arrowraft.proto.kvrpcpb.GetRequest;
import io.arrowraft.proto.kvrpcpb.PessimisticLockRequest;
import io.arrowraft.proto.kvrpcpb.RawGetRequest;
import io.arrowraft.proto.kvrpcpb.RawPutRequest;
import io.arrowraft.proto.tikvpb.BatchCommandsEmptyRequest;
import io.arrowraft.proto.tikvpb.BatchCommandsRequest;
import io.arrowraft.proto.tikvpb.BatchCommandsRequest.Request;
import io.arrowraft.proto.tikvpb.BatchCommandsResponse;
import io.arrowraft.proto.tikvpb.BatchCommandsResponse.Response;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.server.fakes.RecordingStream;
import io.arrowraft.server.fakes.TestCall;
import io.arrowraft.server.fakes.TikvFixture;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many requests on one stream, as newer clients send all of theirs. */
class BatchCommandsTest {
  private final TikvFixture store = new TikvFixture();
  private final RecordingStream<BatchCommandsResponse> answers = new RecordingStream<>(1_000);
  private final TestCall call = new TestCall();
  private final RpcReceiver<BatchCommandsRequest> stream =
      store.streamHandler(TikvGrpc.getBatchCommandsMethod()).accept(answers, call);

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void everyRequestIsAnsweredUnderItsIdInTheFieldOfItsKind() {
    send(1, request().setRawPut(rawPut("a", "1")));
    awaitAnswers(1);
    stream.onMessage(
        BatchCommandsRequest.newBuilder()
            .addRequestIds(7)
            .addRequests(
                request()
                    .setRawGet(RawGetRequest.newBuilder().setContext(context()).setKey(utf8("a"))))
            .addRequestIds(8)
            .addRequests(request().setPrewrite(prewrite(10, "k", put("k", "v"))))
            .addRequestIds(9)
            .addRequests(request().setEmpty(BatchCommandsEmptyRequest.newBuilder().setTestId(42)))
            .build());
    Map<Long, Response> byId = awaitAnswers(4);
    assertThat(byId.get(7L).getRawGet().getValue()).isEqualTo(utf8("1"));
    assertThat(byId.get(8L).hasPrewrite()).isTrue();
    assertThat(byId.get(8L).getPrewrite().getErrorsList()).isEmpty();
    assertThat(byId.get(9L).getEmpty().getTestId()).isEqualTo(42);
  }

  @Test
  void aSlowRequestHoldsUpNoOther() {
    send(1, request().setPessimisticLock(lock(5)));
    awaitAnswers(1);
    send(2, request().setPessimisticLock(lock(10)));
    send(3, request().setRawPut(rawPut("a", "1")));
    assertThat(awaitAnswers(2)).containsOnlyKeys(1L, 3L);
  }

  @Test
  void aRequestThatFailsSaysSoInItsOwnAnswer() {
    send(
        1,
        request()
            .setGet(
                GetRequest.newBuilder().setContext(context(99)).setKey(utf8("k")).setVersion(1)));
    send(2, request().setRawPut(rawPut("a", "1")));
    Map<Long, Response> byId = awaitAnswers(2);
    assertThat(byId.get(1L).getGet().hasRegionError()).isTrue();
    assertThat(byId.get(2L).getRawPut().getError()).isEmpty();
  }

  @Test
  void theStreamKeepsNothingOfARequestThatIsAnswered() {
    for (int i = 0; i < 10; i++) {
      send(i, request().setPrewrite(prewrite(10 + i, "k" + i, put("k" + i, "v"))));
    }
    awaitAnswers(10);
    assertThat(call.awaited()).isZero();
  }

  @Test
  void whatStillWaitsWhenTheStreamEndsDoesNotHappen() {
    store.regions().holdWrites();
    send(
        1,
        request()
            .setBatchRollback(
                BatchRollbackRequest.newBuilder()
                    .setContext(context())
                    .setStartVersion(5)
                    .addKeys(utf8("k"))));
    send(2, request().setPrewrite(prewrite(10, "k", put("k", "v"))));
    while (store.regions().heldWrites() == 0) {
      Thread.onSpinWait();
    }
    stream.onError(new RpcException(RpcStatus.CANCELLED, "gone"));
    store.regions().applyHeld();
    assertThat(store.prewriteNow(20, "k", put("k", "w")).getErrorsList())
        .as("no lock of the one that waited")
        .isEmpty();
  }

  @Test
  void aKindOfALaterProtocolIsAnsweredWithNothing() {
    send(1, request());
    assertThat(awaitAnswers(1).get(1L)).isEqualTo(Response.getDefaultInstance());
  }

  @Test
  void answersWaitUntilTheClientTakesThem() {
    RecordingStream<BatchCommandsResponse> slow = new RecordingStream<>(0);
    RpcReceiver<BatchCommandsRequest> other =
        store.streamHandler(TikvGrpc.getBatchCommandsMethod()).accept(slow, new TestCall());
    BatchCommandsRequest.Builder batch = BatchCommandsRequest.newBuilder();
    for (int i = 0; i < 10; i++) {
      batch
          .addRequestIds(i)
          .addRequests(request().setEmpty(BatchCommandsEmptyRequest.getDefaultInstance()));
    }
    other.onMessage(batch.build());
    assertThat(slow.sent()).isEmpty();
    slow.makeRoom(1);
    other.onReady();
    assertThat(slow.await(1).get(0).getRequestIdsCount()).as("in one message").isEqualTo(10);
  }

  @Test
  void theStreamEndsWhenAllIsAnswered() {
    send(1, request().setRawPut(rawPut("a", "1")));
    stream.onComplete();
    awaitAnswers(1);
    answers.await(100);
    assertThat(answers.isCompleted()).isTrue();
  }

  @Test
  void aStoreThatStopsAnswersWhatItHasTakenAndThenEndsTheStream() {
    send(1, request().setPessimisticLock(lock(5)));
    awaitAnswers(1);
    send(2, request().setPessimisticLock(lock(10)));
    store.services().stopStreams();
    assertThat(answers.isCompleted()).as("while a request is under way").isFalse();
    awaitAnswers(2);
    answers.await(100);
    assertThat(answers.isCompleted()).isTrue();
  }

  @Test
  void whatComesAfterTheEndIsNotTaken() {
    store.services().stopStreams();
    answers.await(100);
    assertThat(answers.isCompleted()).isTrue();
    send(1, request().setRawPut(rawPut("a", "1")));
    assertThat(
            store
                .call(
                    TikvGrpc.getRawGetMethod(),
                    RawGetRequest.newBuilder().setContext(context()).setKey(utf8("a")).build())
                .getNotFound())
        .isTrue();
  }

  @Test
  void aStreamThatBeginsWhileTheStoreStopsTakesNothing() {
    store.services().stopStreams();
    RecordingStream<BatchCommandsResponse> late = new RecordingStream<>(1_000);
    store.streamHandler(TikvGrpc.getBatchCommandsMethod()).accept(late, new TestCall());
    late.await(100);
    assertThat(late.isCompleted()).isTrue();
  }

  @Test
  void idsThatDoNotMatchAreAMistakeOfTheClient() {
    stream.onMessage(BatchCommandsRequest.newBuilder().addRequestIds(1).build());
    assertThat(answers.failure())
        .isInstanceOfSatisfying(
            RpcException.class,
            failure -> assertThat(failure.status()).isEqualTo(RpcStatus.INVALID_ARGUMENT));
  }

  private static Request.Builder request() {
    return Request.newBuilder();
  }

  private static RawPutRequest rawPut(String key, String value) {
    return RawPutRequest.newBuilder()
        .setContext(context())
        .setKey(utf8(key))
        .setValue(utf8(value))
        .build();
  }

  private static PessimisticLockRequest lock(long startTs) {
    return PessimisticLockRequest.newBuilder()
        .setContext(context())
        .setPrimaryLock(utf8("k"))
        .setStartVersion(startTs)
        .setForUpdateTs(startTs)
        .setLockTtl(3_000)
        .addMutations(
            io.arrowraft.proto.kvrpcpb.Mutation.newBuilder()
                .setOp(io.arrowraft.proto.kvrpcpb.Op.PessimisticLock)
                .setKey(utf8("k")))
        .build();
  }

  private void send(long id, Request.Builder request) {
    stream.onMessage(
        BatchCommandsRequest.newBuilder().addRequestIds(id).addRequests(request).build());
  }

  private Map<Long, Response> awaitAnswers(int count) {
    Map<Long, Response> byId = new TreeMap<>();
    for (int messages = 1; byId.size() < count; messages++) {
      for (BatchCommandsResponse each : answers.await(messages)) {
        for (int i = 0; i < each.getRequestIdsCount(); i++) {
          byId.put(each.getRequestIds(i), each.getResponses(i));
        }
      }
    }
    return byId;
  }
}
