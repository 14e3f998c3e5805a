package io.arrowraft.server.service;

import static io.arrowraft.server.service.CoprocessorFixture.ROWS;
import static io.arrowraft.server.service.CoprocessorFixture.awaitFailure;
import static io.arrowraft.server.service.CoprocessorFixture.compare;
import static io.arrowraft.server.service.CoprocessorFixture.plan;
import static io.arrowraft.server.service.CoprocessorFixture.range;
import static io.arrowraft.server.service.CoprocessorFixture.request;
import static io.arrowraft.server.service.CoprocessorFixture.rowKey;
import static io.arrowraft.server.service.CoprocessorFixture.scan;
import static io.arrowraft.server.service.CoprocessorFixture.values;
import static io.arrowraft.server.service.CoprocessorFixture.wholeTable;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.coprocessor.KeyRange;
import io.arrowraft.proto.coprocessor.Request;
import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.rpc.grpc.GrpcRpcClient;
import io.arrowraft.rpc.grpc.GrpcRpcServers;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcServer;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.server.coprocessor.CoprocessorCounters;
import io.arrowraft.server.fakes.RecordingStream;
import io.arrowraft.server.fakes.TestCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How rows stream, and when a stream ends. */
class CoprocessorStreamsTest {
  private final CoprocessorFixture table = new CoprocessorFixture();

  @AfterEach
  void close() {
    table.close();
  }

  @Test
  void rowsStreamInKeyOrderAndSettleAsTheyGo() {
    table.load();
    List<Response> responses = table.run(plan(scan(false)), 30).await(Integer.MAX_VALUE);

    assertThat(values(responses))
        .containsExactlyElementsOf(LongStream.range(0, ROWS).boxed().toList());
    List<Response> settling = responses.stream().filter(Response::hasRange).toList();
    assertThat(settling).hasSizeGreaterThan(2);
    Response last = responses.get(responses.size() - 1);
    assertThat(last.getData().isEmpty()).isTrue();
    assertThat(last.getRange()).isEqualTo(wholeTable());
    assertThat(last.getExecDetailsV2().getScanDetailV2().getProcessedVersions()).isEqualTo(ROWS);
    CoprocessorCounters.Values counted = table.store.services().coprocessorCounters().values();
    assertThat(counted.requests()).isEqualTo(1);
    assertThat(counted.rowsScanned()).isEqualTo(ROWS);
    assertThat(counted.rowsReturned()).isEqualTo(ROWS);
    assertThat(counted.aggregationPlans()).isZero();
  }

  @Test
  void whatIsSettledIsExactlyWhatWasSent() {
    table.load();
    for (boolean descending : List.of(false, true)) {
      List<Response> responses = table.run(plan(scan(descending)), 30).await(Integer.MAX_VALUE);
      for (int i = 0; i < responses.size(); i++) {
        if (responses.get(i).hasRange()) {
          KeyRange range = responses.get(i).getRange();
          long inRange =
              LongStream.range(0, ROWS)
                  .filter(row -> compare(rowKey(row), range.getStart()) >= 0)
                  .filter(row -> compare(rowKey(row), range.getEnd()) < 0)
                  .count();
          assertThat(values(responses.subList(0, i + 1))).hasSize((int) inRange);
        }
      }
    }
  }

  @Test
  void aDescendingScanYieldsTheLastKeyFirst() {
    table.load();
    assertThat(values(table.run(plan(scan(true)), 30).await(Integer.MAX_VALUE)))
        .startsWith(4_999L, 4_998L)
        .hasSize(ROWS);
  }

  @Test
  void severalRangesAreReadOneAfterTheOther() {
    table.load();
    Request request =
        request(plan(scan(false)), 30).toBuilder()
            .clearRanges()
            .addRanges(range(10, 12))
            .addRanges(range(12, 12))
            .addRanges(range(4_000, 4_003))
            .build();
    List<Response> responses = table.stream(request, new RecordingStream<>(1_000)).await(1_000);
    assertThat(values(responses)).containsExactly(10L, 11L, 4_000L, 4_001L, 4_002L);
    assertThat(responses.get(responses.size() - 1).getRange())
        .isEqualTo(KeyRange.newBuilder().setStart(rowKey(10)).setEnd(rowKey(4_003)).build());
  }

  @Test
  void aStalledReceiverIsSentNoMoreThanItHasRoomFor() {
    table.load();
    RecordingStream<Response> stream = new RecordingStream<>(2);
    RpcReceiver<Request> receiver =
        table.open(request(plan(scan(false)), 30), stream, new TestCall());
    stream.await(2);
    for (int i = 0; i < 5; i++) {
      receiver.onReady();
    }
    assertThat(stream.sent()).hasSize(2);
    while (!stream.isCompleted()) {
      int before = stream.sent().size();
      stream.makeRoom(1);
      receiver.onReady();
      stream.await(before + 1);
      assertThat(stream.sent().size()).isLessThanOrEqualTo(before + 1);
    }
    assertThat(values(stream.sent())).hasSize(ROWS);
  }

  @Test
  void batchesArriveIntactOverARealTransport() throws Exception {
    table.load();
    GrpcTransportOptions options = GrpcTransportOptions.defaults();
    List<Response> received = Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<Void> done = new CompletableFuture<>();
    AtomicReference<RpcStream<Request>> stream = new AtomicReference<>();
    try (RpcServer server =
            new GrpcRpcServers("test", options, SystemTime.INSTANCE)
                .bind("127.0.0.1", 0, table.store.services().services());
        GrpcRpcClient client = new GrpcRpcClient("test", options)) {
      stream.set(
          client.open(
              server.address(),
              RpcMethods.of(TikvGrpc.getCoprocessorStreamMethod()),
              Duration.ofSeconds(20),
              new RpcReceiver<>() {
                @Override
                public void onMessage(Response message) {
                  received.add(message);
                  stream.get().request(1);
                }

                @Override
                public void onComplete() {
                  done.complete(null);
                }

                @Override
                public void onError(RpcException failure) {
                  done.completeExceptionally(failure);
                }
              }));
      stream.get().send(request(plan(scan(false)).withBatchRowsMax(37), 30));
      stream.get().complete();
      stream.get().request(1);
      done.get(20, TimeUnit.SECONDS);
    }
    assertThat(values(received))
        .containsExactlyElementsOf(LongStream.range(0, ROWS).boxed().toList());
    assertThat(received).hasSizeGreaterThan(ROWS / 37);
  }

  @Test
  void cancellingAStalledStreamFreesItsSnapshot() {
    table.load();
    RecordingStream<Response> stream = new RecordingStream<>(1);
    TestCall call = new TestCall();
    table.open(request(plan(scan(false)), 30), stream, call);
    stream.await(1);
    assertThat(table.store.regions().openSnapshots()).isEqualTo(1);
    call.cancel();
    awaitFailure(stream);
    assertThat(stream.failure().status()).isEqualTo(RpcStatus.CANCELLED);
    assertThat(table.store.regions().openSnapshots()).isZero();
  }

  @Test
  void aStreamPastItsDeadlineEnds() {
    table.load();
    RecordingStream<Response> stream = new RecordingStream<>(1);
    table.open(
        request(plan(scan(false)), 30),
        stream,
        new TestCall().withDeadline(Deadline.after(Duration.ofMillis(200), SystemTime.INSTANCE)));
    awaitFailure(stream);
    assertThat(stream.failure().status()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
    assertThat(table.store.regions().openSnapshots()).isZero();
  }

  @Test
  void morePlansThanTheBoundAreRefusedAsBusy() {
    table.load();
    List<TestCall> calls = new ArrayList<>();
    List<RecordingStream<Response>> streams = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      calls.add(new TestCall());
      streams.add(new RecordingStream<>(1));
      table.open(request(plan(scan(false)), 30), streams.get(i), calls.get(i));
    }
    assertThat(table.run(plan(scan(false)), 30).await(1).get(0).getRegionError().hasServerIsBusy())
        .isTrue();
    calls.forEach(TestCall::cancel);
    streams.forEach(CoprocessorFixture::awaitFailure);
    assertThat(values(table.run(plan(scan(false)), 30).await(Integer.MAX_VALUE))).hasSize(ROWS);
  }
}
