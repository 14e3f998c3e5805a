package io.arrowraft.coprocessor.read;

import com.google.protobuf.ByteString;
import io.arrowraft.client.coprocessor.CoprocessorCalls;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.txn.LockResolver;
import io.arrowraft.coprocessor.plan.PlanCodec;
import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.coprocessor.plan.ResultColumns;
import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.pd.client.StoreInfo;
import io.arrowraft.proto.coprocessor.KeyRange;
import io.arrowraft.proto.coprocessor.Request;
import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.proto.errorpb.EpochNotMatch;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.kvrpcpb.ExecDetailsV2;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.proto.kvrpcpb.ScanDetailV2;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import io.arrowraft.runtime.threads.SystemRandom;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.runtime.threads.ThreadLoopFactory;
import io.arrowraft.table.TableKeys;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;

/**
 * A placement driver and stores on the port below gRPC. Table 7 has the rows 0 to 99, each of one
 * BIGINT, its handle. A scan sends them ten to a batch and says what each batch covers; an
 * aggregation sends the number of rows. Attempts go as scripted, then without trouble.
 */
final class ScriptedStores implements RpcClient, AutoCloseable {
  static final long TABLE = 7;
  static final int ROWS = 100;
  private static final int BATCH_ROWS = 10;

  /** How an attempt at a region ends after so many batches. */
  record Trouble(int afterBatches, Kind kind) {
    enum Kind {
      BROKEN,
      SPLIT,
      LOCKED,
      REFUSED,
      SILENT
    }
  }

  final ArrayDeque<Trouble> script = new ArrayDeque<>();
  final List<Request> requests = new ArrayList<>();
  private final List<Region> regions = new ArrayList<>();
  private final BufferAllocator serverSide = new RootAllocator();
  private final ThreadLoopFactory loops = new ThreadLoopFactory("test", (where, why) -> {});
  private final CoprocessorCalls calls;
  private int nextRegionId = 1;

  ScriptedStores() {
    regions.add(region(Bytes.EMPTY, Bytes.EMPTY, 1));
    Environment environment =
        new Environment(
            SystemTime.INSTANCE,
            new SystemRandom(),
            loops,
            (where, why) -> {},
            new SimpleMeterRegistry());
    RegionCalls regionCalls =
        new RegionCalls(
            environment,
            loops.newLoop("client"),
            this,
            placementDriver(),
            ClientOptions.of("pd:1"));
    calls = new CoprocessorCalls(regionCalls, new LockResolver(regionCalls));
  }

  TableReaders readers(BufferAllocator allocator) {
    return new TableReaders(calls, SystemTime.INSTANCE, allocator);
  }

  private Region region(Bytes start, Bytes end, long version) {
    long id = nextRegionId++;
    return Region.newBuilder()
        .setId(id)
        .setStartKey(ByteString.copyFrom(start.toByteArray()))
        .setEndKey(ByteString.copyFrom(end.toByteArray()))
        .setRegionEpoch(RegionEpoch.newBuilder().setConfVer(1).setVersion(version))
        .addPeers(Peer.newBuilder().setId(100 + id).setStoreId(1 + id % 2))
        .build();
  }

  /** Splits the region that holds the row. */
  synchronized void splitAt(long row) {
    Bytes key = KeySpace.TRANSACTIONAL.regionKey(Bytes.wrap(TableKeys.rowKey(TABLE, row)));
    Region old = holding(key);
    int at = regions.indexOf(old);
    long version = old.getRegionEpoch().getVersion() + 1;
    regions.set(
        at,
        old.toBuilder()
            .setEndKey(ByteString.copyFrom(key.toByteArray()))
            .setRegionEpoch(old.getRegionEpoch().toBuilder().setVersion(version))
            .build());
    regions.add(at + 1, region(key, Bytes.wrap(old.getEndKey().toByteArray()), version));
  }

  private synchronized Region holding(Bytes key) {
    return regions.stream()
        .filter(
            region ->
                key.compareTo(Bytes.wrap(region.getStartKey().toByteArray())) >= 0
                    && (region.getEndKey().isEmpty()
                        || key.compareTo(Bytes.wrap(region.getEndKey().toByteArray())) < 0))
        .findFirst()
        .orElseThrow();
  }

  private PdClient placementDriver() {
    return (PdClient)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {PdClient.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "clusterId" -> CompletableFuture.completedFuture(1L);
                  case "timestamp" ->
                      CompletableFuture.completedFuture(new io.arrowraft.pd.client.Timestamp(1000));
                  case "region" -> {
                    Region found = holding((Bytes) arguments[0]);
                    yield CompletableFuture.completedFuture(
                        Optional.of(new RegionInfo(found, Optional.of(found.getPeers(0)))));
                  }
                  case "store" ->
                      CompletableFuture.completedFuture(
                          Optional.of(
                              new StoreInfo(
                                  Store.newBuilder()
                                      .setId((Long) arguments[0])
                                      .setAddress("store-" + arguments[0] + ":20160")
                                      .build())));
                  default -> throw new UnsupportedOperationException(method.toString());
                });
  }

  /** Lock resolution: an empty answer means that the transaction was rolled back. */
  @Override
  public <Q, R> CompletableFuture<R> call(
      String address, RpcMethod<Q, R> method, Q request, Duration timeout) {
    return CompletableFuture.completedFuture(
        method.responses().decode(new ByteArrayInputStream(new byte[0])));
  }

  @Override
  public <Q, R> RpcStream<Q> open(
      String address, RpcMethod<Q, R> method, Duration timeout, RpcReceiver<R> responses) {
    return new Attempt<>(method, responses);
  }

  @Override
  public void close() {
    loops.close();
    serverSide.close();
  }

  /** One stream: prepared when the request comes, delivered as credit comes. */
  private final class Attempt<Q, R> implements RpcStream<Q> {
    private final RpcMethod<Q, R> method;
    private final RpcReceiver<R> receiver;
    private final ArrayDeque<Response> prepared = new ArrayDeque<>();
    private Optional<RpcException> failure = Optional.empty();
    private boolean silent;
    private boolean ended;
    private int credit;

    Attempt(RpcMethod<Q, R> method, RpcReceiver<R> receiver) {
      this.method = method;
      this.receiver = receiver;
    }

    @Override
    public void send(Q message) {
      Request request = (Request) message;
      Optional<Trouble> trouble;
      synchronized (ScriptedStores.this) {
        requests.add(request);
        trouble = Optional.ofNullable(script.poll());
        if (isStale(request)) {
          prepared.add(
              Response.newBuilder()
                  .setRegionError(
                      Error.newBuilder()
                          .setEpochNotMatch(
                              EpochNotMatch.newBuilder().addAllCurrentRegions(regions)))
                  .build());
          return;
        }
      }
      List<Response> answer = answer(request);
      int batches =
          trouble.map(each -> Math.min(each.afterBatches(), answer.size())).orElse(answer.size());
      prepared.addAll(answer.subList(0, batches));
      trouble.ifPresent(each -> apply(each.kind()));
    }

    private boolean isStale(Request request) {
      return regions.stream()
          .noneMatch(
              region ->
                  region.getId() == request.getContext().getRegionId()
                      && region.getRegionEpoch().equals(request.getContext().getRegionEpoch()));
    }

    private void apply(Trouble.Kind kind) {
      switch (kind) {
        case BROKEN ->
            failure = Optional.of(new RpcException(RpcStatus.UNAVAILABLE, "the store is gone"));
        case SPLIT -> {
          splitAt(55);
          failure = Optional.of(new RpcException(RpcStatus.UNAVAILABLE, "the store is gone"));
        }
        case LOCKED ->
            prepared.add(
                Response.newBuilder()
                    .setLocked(
                        LockInfo.newBuilder()
                            .setPrimaryLock(key(50))
                            .setKey(key(50))
                            .setLockVersion(900)
                            .setLockTtl(1))
                    .build());
        case REFUSED -> prepared.add(Response.newBuilder().setOtherError("no such column").build());
        case SILENT -> silent = true;
      }
    }

    private static ByteString key(long row) {
      return ByteString.copyFrom(TableKeys.rowKey(TABLE, row));
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void request(int count) {
      credit += count;
      while (!ended && credit > 0 && !prepared.isEmpty()) {
        credit--;
        receiver.onMessage(
            method.responses().decode(new ByteArrayInputStream(prepared.poll().toByteArray())));
      }
      if (!ended && prepared.isEmpty() && !silent) {
        ended = true;
        failure.ifPresentOrElse(receiver::onError, receiver::onComplete);
      }
    }

    @Override
    public void complete() {}

    @Override
    public void fail(RpcException reason) {
      ended = true;
    }
  }

  private List<Response> answer(Request request) {
    PlanRequest plan = PlanCodec.decode(request.getData().toByteArray());
    List<Long> rows = new ArrayList<>();
    for (long row = 0; row < ROWS; row++) {
      io.arrowraft.table.Bytes key = io.arrowraft.table.Bytes.copyOf(TableKeys.rowKey(TABLE, row));
      for (KeyRange range : request.getRangesList()) {
        if (io.arrowraft.table.KeyRange.of(
                range.getStart().toByteArray(), range.getEnd().toByteArray())
            .contains(key)) {
          rows.add(row);
        }
      }
    }
    List<Response> answer = new ArrayList<>();
    if (plan.plan() instanceof PlanNode.PartialAggregation) {
      answer.add(Response.newBuilder().setData(batch(plan, List.of((long) rows.size()))).build());
    } else {
      for (int from = 0; from < rows.size(); from += BATCH_ROWS) {
        int to = Math.min(rows.size(), from + BATCH_ROWS);
        answer.add(
            Response.newBuilder()
                .setData(batch(plan, rows.subList(from, to)))
                .setRange(
                    KeyRange.newBuilder()
                        .setStart(Attempt.key(rows.get(from)))
                        .setEnd(Attempt.key(rows.get(to - 1) + 1)))
                .build());
      }
    }
    answer.add(
        Response.newBuilder()
            .setExecDetailsV2(
                ExecDetailsV2.newBuilder()
                    .setScanDetailV2(ScanDetailV2.newBuilder().setProcessedVersions(rows.size())))
            .build());
    return answer;
  }

  private ByteString batch(PlanRequest plan, List<Long> values) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (VectorSchemaRoot root =
        VectorSchemaRoot.create(ArrowSchemas.of(ResultColumns.of(plan.plan())), serverSide)) {
      BigIntVector vector = (BigIntVector) root.getVector(0);
      for (int i = 0; i < values.size(); i++) {
        vector.setSafe(i, values.get(i));
      }
      root.setRowCount(values.size());
      try (ArrowRecordBatch batch = new VectorUnloader(root).getRecordBatch()) {
        MessageSerializer.serialize(new WriteChannel(Channels.newChannel(bytes)), batch);
      }
    } catch (IOException impossible) {
      throw new java.io.UncheckedIOException(impossible);
    }
    return ByteString.copyFrom(bytes.toByteArray());
  }
}
