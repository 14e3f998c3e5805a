package io.arrowraft.server.service;

import static io.arrowraft.coprocessor.plan.Expression.column;
import static io.arrowraft.coprocessor.plan.Expression.predicate;
import static io.arrowraft.server.fakes.TikvFixture.context;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.arrowraft.coprocessor.plan.AggregateCall;
import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.Operator;
import io.arrowraft.coprocessor.plan.PlanCodec;
import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.coprocessor.plan.ScanColumn;
import io.arrowraft.proto.coprocessor.BatchRequest;
import io.arrowraft.proto.coprocessor.BatchResponse;
import io.arrowraft.proto.coprocessor.KeyRange;
import io.arrowraft.proto.coprocessor.RegionInfo;
import io.arrowraft.proto.coprocessor.Request;
import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.proto.kvrpcpb.Mutation;
import io.arrowraft.proto.kvrpcpb.Op;
import io.arrowraft.proto.kvrpcpb.PrewriteRequest;
import io.arrowraft.proto.kvrpcpb.ResolveLockRequest;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.rpc.grpc.GrpcRpcClient;
import io.arrowraft.rpc.grpc.GrpcRpcServers;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcServer;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.server.coprocessor.CoprocessorConfig;
import io.arrowraft.server.coprocessor.CoprocessorCounters;
import io.arrowraft.server.fakes.RecordingStream;
import io.arrowraft.server.fakes.TestCall;
import io.arrowraft.server.fakes.TikvFixture;
import io.arrowraft.storage.mvcc.MvccKeys;
import io.arrowraft.table.ColumnSource;
import io.arrowraft.table.DataType;
import io.arrowraft.table.RowWriter;
import io.arrowraft.table.TableKeys;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CoprocessorRequestsTest {
  private static final long TABLE = 42;
  private static final int ROWS = 5_000;

  private final ServiceConfig defaults = ServiceConfig.defaults();
  private final TikvFixture store =
      new TikvFixture(
          new ServiceConfig(
              defaults.keyBytesMax(),
              defaults.responseBytesMax(),
              Duration.ofSeconds(20),
              2,
              100,
              2,
              defaults.scheduler(),
              defaults.lockWaits(),
              // About 2,000 rows to a segment.
              new CoprocessorConfig(2, 4, 8 << 20, 16 << 20, 100_000, 1 << 20, 50_000, 8 << 10)));

  @AfterEach
  void close() {
    store.close();
    store.services().close();
  }

  @Test
  void rowsStreamInKeyOrderAndSettleAsTheyGo() {
    load();
    List<Response> responses = run(plan(scan(false)), 30).await(Integer.MAX_VALUE);

    assertThat(values(responses))
        .containsExactlyElementsOf(LongStream.range(0, ROWS).boxed().toList());
    List<Response> settling = responses.stream().filter(Response::hasRange).toList();
    assertThat(settling).hasSizeGreaterThan(2);
    Response last = responses.get(responses.size() - 1);
    assertThat(last.getData().isEmpty()).isTrue();
    assertThat(last.getRange()).isEqualTo(wholeTable());
    assertThat(last.getExecDetailsV2().getScanDetailV2().getProcessedVersions()).isEqualTo(ROWS);
    CoprocessorCounters.Values counted = store.services().coprocessorCounters().values();
    assertThat(counted.requests()).isEqualTo(1);
    assertThat(counted.rowsScanned()).isEqualTo(ROWS);
    assertThat(counted.rowsReturned()).isEqualTo(ROWS);
    assertThat(counted.aggregationPlans()).isZero();
  }

  @Test
  void whatIsSettledIsExactlyWhatWasSent() {
    load();
    for (boolean descending : List.of(false, true)) {
      List<Response> responses = run(plan(scan(descending)), 30).await(Integer.MAX_VALUE);
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
    load();
    assertThat(values(run(plan(scan(true)), 30).await(Integer.MAX_VALUE)))
        .startsWith(4_999L, 4_998L)
        .hasSize(ROWS);
  }

  @Test
  void severalRangesAreReadOneAfterTheOther() {
    load();
    Request request =
        request(plan(scan(false)), 30).toBuilder()
            .clearRanges()
            .addRanges(range(10, 12))
            .addRanges(range(12, 12))
            .addRanges(range(4_000, 4_003))
            .build();
    List<Response> responses = stream(request, new RecordingStream<>(1_000)).await(1_000);
    assertThat(values(responses)).containsExactly(10L, 11L, 4_000L, 4_001L, 4_002L);
    assertThat(responses.get(responses.size() - 1).getRange())
        .isEqualTo(KeyRange.newBuilder().setStart(rowKey(10)).setEnd(rowKey(4_003)).build());
  }

  @Test
  void aStalledReceiverIsSentNoMoreThanItHasRoomFor() {
    load();
    RecordingStream<Response> stream = new RecordingStream<>(2);
    RpcReceiver<Request> receiver = open(request(plan(scan(false)), 30), stream, new TestCall());
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
    load();
    GrpcTransportOptions options = GrpcTransportOptions.defaults();
    List<Response> received = Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<Void> done = new CompletableFuture<>();
    AtomicReference<RpcStream<Request>> stream = new AtomicReference<>();
    try (RpcServer server =
            new GrpcRpcServers("test", options, SystemTime.INSTANCE)
                .bind("127.0.0.1", 0, store.services().services());
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
    load();
    RecordingStream<Response> stream = new RecordingStream<>(1);
    TestCall call = new TestCall();
    open(request(plan(scan(false)), 30), stream, call);
    stream.await(1);
    assertThat(store.regions().openSnapshots()).isEqualTo(1);
    call.cancel();
    awaitFailure(stream);
    assertThat(stream.failure().status()).isEqualTo(RpcStatus.CANCELLED);
    assertThat(store.regions().openSnapshots()).isZero();
  }

  @Test
  void aStreamPastItsDeadlineEnds() {
    load();
    RecordingStream<Response> stream = new RecordingStream<>(1);
    open(
        request(plan(scan(false)), 30),
        stream,
        new TestCall().withDeadline(Deadline.after(Duration.ofMillis(200), SystemTime.INSTANCE)));
    awaitFailure(stream);
    assertThat(stream.failure().status()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
    assertThat(store.regions().openSnapshots()).isZero();
  }

  @Test
  void aLockStopsThePlanAndTheRestIsReadAfterItIsResolved() {
    load();
    lockRow(3_000, 25);
    List<Response> first = run(plan(scan(false)), 30).await(Integer.MAX_VALUE);
    Response blocked = first.get(first.size() - 1);
    assertThat(blocked.getLocked().getLockVersion()).isEqualTo(25);
    assertThat(blocked.getLocked().getKey()).isEqualTo(rowKey(3_000));
    Response stopped = first.get(first.size() - 2);
    assertThat(stopped.getRange().getEnd()).isEqualTo(rowKey(3_000));
    assertThat(values(first)).hasSize(3_000);

    resolve(25);
    Request rest =
        request(plan(scan(false)), 30).toBuilder()
            .setRanges(0, wholeTable().toBuilder().setStart(stopped.getRange().getEnd()))
            .build();
    List<Response> second = stream(rest, new RecordingStream<>(1_000)).await(1_000);
    assertThat(values(second))
        .containsExactlyElementsOf(LongStream.range(3_000, ROWS).boxed().toList());
  }

  @Test
  void partsOfAnAggregateOnBothSidesOfALockAddUp() {
    load();
    lockRow(1_234, 25);
    PlanRequest sum = plan(sum());
    List<Response> first = run(sum, 30).await(Integer.MAX_VALUE);
    Response stopped = first.get(first.size() - 2);
    resolve(25);
    Request rest =
        request(sum, 30).toBuilder()
            .setRanges(0, wholeTable().toBuilder().setStart(stopped.getRange().getEnd()))
            .build();
    List<Response> second = stream(rest, new RecordingStream<>(1_000)).await(1_000);

    long total =
        Stream.concat(values(first).stream(), values(second).stream())
            .mapToLong(Long::longValue)
            .sum();
    assertThat(total).isEqualTo(LongStream.range(0, ROWS).filter(row -> row >= 100).sum());
    CoprocessorCounters.Values counted = store.services().coprocessorCounters().values();
    assertThat(counted.aggregationPlans()).isEqualTo(2);
    assertThat(counted.selectionPlans()).isEqualTo(2);
    assertThat(counted.rowsReturned()).isEqualTo(2);
  }

  @Test
  void aDescendingPlanThatMeetsALockSettlesNothing() {
    load();
    lockRow(3_000, 25);
    List<Response> responses = run(plan(scan(true)), 30).await(Integer.MAX_VALUE);
    assertThat(responses).noneMatch(Response::hasRange);
    assertThat(responses.get(responses.size() - 1).getLocked().getKey()).isEqualTo(rowKey(3_000));
  }

  @Test
  void aUnaryAnswerStoppedByALockHoldsTheRowsBeforeIt() {
    load();
    lockRow(3_000, 25);
    Response answer = store.call(TikvGrpc.getCoprocessorMethod(), request(plan(scan(false)), 30));
    assertThat(values(List.of(answer))).hasSize(3_000);
    assertThat(answer.getRange().getEnd()).isEqualTo(rowKey(3_000));
    assertThat(answer.getLocked().getLockVersion()).isEqualTo(25);
  }

  @Test
  void aResolvedLockInTheContextIsPassed() {
    load();
    lockRow(7, 25);
    Request request =
        request(plan(scan(false)), 30).toBuilder()
            .setContext(context(1).addResolvedLocks(25))
            .build();
    assertThat(values(stream(request, new RecordingStream<>(1_000)).await(1_000))).hasSize(ROWS);
  }

  @Test
  void aLimitEndsTheScanEarly() {
    load();
    List<Response> responses =
        run(plan(new PlanNode.Limit(scan(false), 3)), 30).await(Integer.MAX_VALUE);
    assertThat(values(responses)).containsExactly(0L, 1L, 2L);
    assertThat(responses.get(responses.size() - 1).getRange()).isEqualTo(wholeTable());
    assertThat(store.services().coprocessorCounters().values().rowsScanned()).isLessThan(ROWS);
  }

  @Test
  void pagingStopsAfterTheRowsAskedForAndSaysWhere() {
    load();
    Request request = request(plan(scan(false)), 30).toBuilder().setPagingSize(10).build();
    List<Response> responses = stream(request, new RecordingStream<>(1_000)).await(1_000);
    assertThat(values(responses)).hasSize(10);
    assertThat(responses.get(responses.size() - 1).getRange().getEnd()).isEqualTo(rowKey(10));
  }

  @Test
  void aUnaryCallAnswersInOneResponse() {
    load();
    Response answer = store.call(TikvGrpc.getCoprocessorMethod(), request(plan(sum()), 30));
    assertThat(values(List.of(answer))).containsExactly(LongStream.range(100, ROWS).sum());
    assertThat(answer.getRange()).isEqualTo(wholeTable());
    Response rows = store.call(TikvGrpc.getCoprocessorMethod(), request(plan(scan(false)), 30));
    assertThat(values(List.of(rows))).hasSize(ROWS);
  }

  @Test
  void whatIsNotServedIsNamed() {
    assertThat(refusal(request(plan(scan(false)), 30).toBuilder().setTp(103)))
        .contains("type 103 carries TiDB's own plans");
    assertThat(refusal(request(plan(scan(false)), 30).toBuilder().setTp(9)))
        .contains("type 9 is not served");
    assertThat(
            refusal(
                request(plan(scan(false)), 30).toBuilder()
                    .setData(ByteString.copyFromUtf8("no plan"))))
        .containsAnyOf("MALFORMED", "UNSUPPORTED_VERSION");
    assertThat(refusal(request(plan(scan(false)), 30).toBuilder().clearRanges()))
        .contains("ranges");
    assertThat(refusal(request(plan(scan(false)), 0).toBuilder())).contains("start_ts");
  }

  @Test
  void aPlanThatNeedsTooMuchMemoryNamesTheLimit() {
    load();
    PlanNode groups =
        new PlanNode.PartialAggregation(
            scan(false), List.of(column(0, DataType.BIGINT)), List.of(AggregateCall.countAll()));
    PlanRequest plan = plan(groups).withMemoryLimitBytes(10_000);
    assertThat(refusal(request(plan, 30).toBuilder()))
        .contains("MEMORY_LIMIT_EXCEEDED")
        .contains("memoryLimitBytes = 10000");
  }

  @Test
  void rangesOutsideOfTheRegionAreARegionError() {
    store.regions().addRegion(2, encoded(rowKey(0)), encoded(rowKey(10)));
    Request request = request(plan(scan(false)), 30).toBuilder().setContext(context(2)).build();
    assertThat(stream(request, new RecordingStream<>(10)).await(10).get(0).getRegionError())
        .matches(error -> error.hasKeyNotInRegion());
    assertThat(
            store
                .call(
                    TikvGrpc.getCoprocessorMethod(),
                    request.toBuilder().setContext(context(9)).build())
                .getRegionError()
                .hasRegionNotFound())
        .isTrue();
  }

  @Test
  void aPlanOverSeveralRegionsIsAnsweredRegionByRegionAndMovedOnesAreNamed() {
    load();
    Request one = request(plan(scan(false)), 30);
    RegionInfo here =
        RegionInfo.newBuilder()
            .setRegionId(one.getContext().getRegionId())
            .setRegionEpoch(one.getContext().getRegionEpoch())
            .addAllRanges(one.getRangesList())
            .build();
    RecordingStream<BatchResponse> answers = new RecordingStream<>(10);
    store
        .streamHandler(TikvGrpc.getBatchCoprocessorMethod())
        .accept(answers, new TestCall())
        .onMessage(
            BatchRequest.newBuilder()
                .setContext(one.getContext())
                .setTp(one.getTp())
                .setData(one.getData())
                .setStartTs(one.getStartTs())
                .addRegions(here)
                .addRegions(here.toBuilder().setRegionId(99))
                .addRegions(here)
                .build());

    List<BatchResponse> sent = answers.await(4);

    assertThat(answers.isCompleted()).isTrue();
    assertThat(sent).hasSize(3);
    assertThat(sent.get(0).getData().isEmpty()).isFalse();
    assertThat(sent.get(2).getData()).isEqualTo(sent.get(0).getData());
    assertThat(sent.get(1).getRetryRegions(0).getId()).isEqualTo(99);
  }

  @Test
  void morePlansThanTheBoundAreRefusedAsBusy() {
    load();
    List<TestCall> calls = new ArrayList<>();
    List<RecordingStream<Response>> streams = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      calls.add(new TestCall());
      streams.add(new RecordingStream<>(1));
      open(request(plan(scan(false)), 30), streams.get(i), calls.get(i));
    }
    assertThat(run(plan(scan(false)), 30).await(1).get(0).getRegionError().hasServerIsBusy())
        .isTrue();
    calls.forEach(TestCall::cancel);
    streams.forEach(CoprocessorRequestsTest::awaitFailure);
    assertThat(values(run(plan(scan(false)), 30).await(Integer.MAX_VALUE))).hasSize(ROWS);
  }

  @Test
  void aReadRaisesTheGreatestReadTimestamp() {
    run(plan(scan(false)), 77).await(Integer.MAX_VALUE);
    assertThat(store.services().memoryLocks().maxTimestamp()).isEqualTo(77);
  }

  @Test
  void anAnswerThatIsTooLargeForOneResponseSaysSo() {
    try (TikvFixture small =
        new TikvFixture(
            new ServiceConfig(
                64,
                500,
                Duration.ofSeconds(10),
                1,
                10,
                1,
                defaults.scheduler(),
                defaults.lockWaits(),
                defaults.coprocessor()))) {
      load(small, 1_000);
      assertThatThrownBy(
              () -> small.call(TikvGrpc.getCoprocessorMethod(), request(plan(scan(false)), 30)))
          .hasMessageContaining("responseBytesMax=500");
    }
  }

  private String refusal(Request.Builder request) {
    List<Response> responses = stream(request.build(), new RecordingStream<>(10)).await(10);
    assertThat(responses).hasSize(1);
    return responses.get(0).getOtherError();
  }

  private static PlanNode scan(boolean descending) {
    return new PlanNode.TableScan(
        TABLE,
        List.of(new ScanColumn(2, DataType.BIGINT, ColumnSource.VALUE, Optional.empty())),
        descending);
  }

  private static PlanNode sum() {
    PlanNode filtered =
        new PlanNode.Selection(
            scan(false),
            List.of(
                predicate(
                    Operator.GREATER_OR_EQUAL,
                    column(0, DataType.BIGINT),
                    Expression.Literal.of(100))));
    return new PlanNode.PartialAggregation(
        filtered, List.of(), List.of(AggregateCall.sum(column(0, DataType.BIGINT))));
  }

  private static PlanRequest plan(PlanNode node) {
    return PlanRequest.of(node).withBatchRowsMax(500);
  }

  private static Request request(PlanRequest plan, long startTs) {
    return Request.newBuilder()
        .setContext(context())
        .setTp(PlanRequest.REQUEST_TYPE)
        .setData(ByteString.copyFrom(PlanCodec.encode(plan)))
        .setStartTs(startTs)
        .addRanges(wholeTable())
        .build();
  }

  private static KeyRange wholeTable() {
    io.arrowraft.table.KeyRange range = TableKeys.tableRange(TABLE);
    return KeyRange.newBuilder()
        .setStart(ByteString.copyFrom(range.start().toByteArray()))
        .setEnd(ByteString.copyFrom(range.end().toByteArray()))
        .build();
  }

  private static KeyRange range(long from, long to) {
    return KeyRange.newBuilder().setStart(rowKey(from)).setEnd(rowKey(to)).build();
  }

  private static ByteString rowKey(long handle) {
    return ByteString.copyFrom(TableKeys.rowKey(TABLE, handle));
  }

  private static byte[] encoded(ByteString key) {
    return MvccKeys.encode(Bytes.wrap(key.toByteArray()));
  }

  private static int compare(ByteString left, ByteString right) {
    return ByteString.unsignedLexicographicalComparator().compare(left, right);
  }

  private RecordingStream<Response> run(PlanRequest plan, long startTs) {
    return stream(request(plan, startTs), new RecordingStream<>(100_000));
  }

  private RecordingStream<Response> stream(Request request, RecordingStream<Response> stream) {
    open(request, stream, new TestCall());
    return stream;
  }

  private RpcReceiver<Request> open(
      Request request, RecordingStream<Response> stream, TestCall call) {
    RpcReceiver<Request> receiver =
        store.streamHandler(TikvGrpc.getCoprocessorStreamMethod()).accept(stream, call);
    receiver.onMessage(request);
    receiver.onComplete();
    return receiver;
  }

  private static void awaitFailure(RecordingStream<Response> stream) {
    stream.await(Integer.MAX_VALUE);
    assertThat(stream.failure()).isNotNull();
  }

  private void load() {
    load(store, ROWS);
  }

  private static void load(TikvFixture store, int rows) {
    PrewriteRequest.Builder prewrite =
        PrewriteRequest.newBuilder()
            .setContext(context())
            .setStartVersion(10)
            .setPrimaryLock(rowKey(0))
            .setLockTtl(3_000);
    for (long row = 0; row < rows; row++) {
      prewrite.addMutations(put(row, row));
    }
    assertThat(store.call(TikvGrpc.getKvPrewriteMethod(), prewrite.build()).getErrorsList())
        .isEmpty();
    store.call(
        TikvGrpc.getKvResolveLockMethod(),
        ResolveLockRequest.newBuilder()
            .setContext(context())
            .setStartVersion(10)
            .setCommitVersion(20)
            .build());
  }

  private static Mutation put(long row, long value) {
    return Mutation.newBuilder()
        .setOp(Op.Put)
        .setKey(rowKey(row))
        .setValue(ByteString.copyFrom(new RowWriter().reset().setLong(2, value).toByteArray()))
        .build();
  }

  private void lockRow(long row, long startTs) {
    assertThat(
            store
                .call(
                    TikvGrpc.getKvPrewriteMethod(),
                    PrewriteRequest.newBuilder()
                        .setContext(context())
                        .setStartVersion(startTs)
                        .setPrimaryLock(rowKey(row))
                        .setLockTtl(3_000)
                        .addMutations(put(row, -1))
                        .build())
                .getErrorsList())
        .isEmpty();
  }

  private void resolve(long startTs) {
    store.call(
        TikvGrpc.getKvResolveLockMethod(),
        ResolveLockRequest.newBuilder().setContext(context()).setStartVersion(startTs).build());
  }

  /** The only column of all batches. */
  private static List<Long> values(List<Response> responses) {
    Schema schema = new Schema(List.of(Field.nullable("c0", new ArrowType.Int(64, true))));
    List<Long> values = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator();
        VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator)) {
      for (Response response : responses) {
        ByteArrayInputStream in = new ByteArrayInputStream(response.getData().toByteArray());
        ReadChannel channel = new ReadChannel(Channels.newChannel(in));
        while (in.available() > 0) {
          try (ArrowRecordBatch batch =
              (ArrowRecordBatch) MessageSerializer.deserializeMessageBatch(channel, allocator)) {
            new VectorLoader(root).load(batch);
          }
          BigIntVector vector = (BigIntVector) root.getVector(0);
          for (int i = 0; i < root.getRowCount(); i++) {
            values.add(vector.get(i));
          }
        }
      }
    } catch (IOException broken) {
      throw new AssertionError(broken);
    }
    return values;
  }
}
