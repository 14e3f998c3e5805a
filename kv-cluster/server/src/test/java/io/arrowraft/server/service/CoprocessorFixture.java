package io.arrowraft.server.service;

import static io.arrowraft.coprocessor.plan.Expression.column;
import static io.arrowraft.coprocessor.plan.Expression.predicate;
import static io.arrowraft.server.fakes.TikvFixture.context;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.arrowraft.coprocessor.plan.AggregateCall;
import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.Operator;
import io.arrowraft.coprocessor.plan.PlanCodec;
import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.coprocessor.plan.ScanColumn;
import io.arrowraft.proto.coprocessor.KeyRange;
import io.arrowraft.proto.coprocessor.Request;
import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.proto.kvrpcpb.Mutation;
import io.arrowraft.proto.kvrpcpb.Op;
import io.arrowraft.proto.kvrpcpb.PrewriteRequest;
import io.arrowraft.proto.kvrpcpb.ResolveLockRequest;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.server.coprocessor.CoprocessorConfig;
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
import java.util.List;
import java.util.Optional;
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

/** A table in a store that serves coprocessor requests, and how to ask it. */
final class CoprocessorFixture implements AutoCloseable {
  private static final long TABLE = 42;
  static final int ROWS = 5_000;

  final ServiceConfig defaults = ServiceConfig.defaults();
  final TikvFixture store =
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

  @Override
  public void close() {
    store.close();
    store.services().close();
  }

  String refusal(Request.Builder request) {
    List<Response> responses = stream(request.build(), new RecordingStream<>(10)).await(10);
    assertThat(responses).hasSize(1);
    return responses.get(0).getOtherError();
  }

  static PlanNode scan(boolean descending) {
    return new PlanNode.TableScan(
        TABLE,
        List.of(new ScanColumn(2, DataType.BIGINT, ColumnSource.VALUE, Optional.empty())),
        descending);
  }

  static PlanNode sum() {
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

  static PlanRequest plan(PlanNode node) {
    return PlanRequest.of(node).withBatchRowsMax(500);
  }

  static Request request(PlanRequest plan, long startTs) {
    return Request.newBuilder()
        .setContext(context())
        .setTp(PlanRequest.REQUEST_TYPE)
        .setData(ByteString.copyFrom(PlanCodec.encode(plan)))
        .setStartTs(startTs)
        .addRanges(wholeTable())
        .build();
  }

  static KeyRange wholeTable() {
    io.arrowraft.table.KeyRange range = TableKeys.tableRange(TABLE);
    return KeyRange.newBuilder()
        .setStart(ByteString.copyFrom(range.start().toByteArray()))
        .setEnd(ByteString.copyFrom(range.end().toByteArray()))
        .build();
  }

  static KeyRange range(long from, long to) {
    return KeyRange.newBuilder().setStart(rowKey(from)).setEnd(rowKey(to)).build();
  }

  static ByteString rowKey(long handle) {
    return ByteString.copyFrom(TableKeys.rowKey(TABLE, handle));
  }

  static byte[] encoded(ByteString key) {
    return MvccKeys.encode(Bytes.wrap(key.toByteArray()));
  }

  static int compare(ByteString left, ByteString right) {
    return ByteString.unsignedLexicographicalComparator().compare(left, right);
  }

  RecordingStream<Response> run(PlanRequest plan, long startTs) {
    return stream(request(plan, startTs), new RecordingStream<>(100_000));
  }

  RecordingStream<Response> stream(Request request, RecordingStream<Response> stream) {
    open(request, stream, new TestCall());
    return stream;
  }

  RpcReceiver<Request> open(Request request, RecordingStream<Response> stream, TestCall call) {
    RpcReceiver<Request> receiver =
        store.streamHandler(TikvGrpc.getCoprocessorStreamMethod()).accept(stream, call);
    receiver.onMessage(request);
    receiver.onComplete();
    return receiver;
  }

  static void awaitFailure(RecordingStream<Response> stream) {
    stream.await(Integer.MAX_VALUE);
    assertThat(stream.failure()).isNotNull();
  }

  void load() {
    load(store, ROWS);
  }

  static void load(TikvFixture store, int rows) {
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

  static Mutation put(long row, long value) {
    return Mutation.newBuilder()
        .setOp(Op.Put)
        .setKey(rowKey(row))
        .setValue(ByteString.copyFrom(new RowWriter().reset().setLong(2, value).toByteArray()))
        .build();
  }

  void lockRow(long row, long startTs) {
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

  void resolve(long startTs) {
    store.call(
        TikvGrpc.getKvResolveLockMethod(),
        ResolveLockRequest.newBuilder().setContext(context()).setStartVersion(startTs).build());
  }

  /** The only column of all batches. */
  static List<Long> values(List<Response> responses) {
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
