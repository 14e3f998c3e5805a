package io.arrowraft.simulation.workload;

import com.google.protobuf.ByteString;
import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.coprocessor.plan.PlanCodec;
import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.proto.coprocessor.BatchRequest;
import io.arrowraft.proto.coprocessor.BatchResponse;
import io.arrowraft.proto.kvrpcpb.ChecksumAlgorithm;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.kvrpcpb.GetLockWaitInfoRequest;
import io.arrowraft.proto.kvrpcpb.KeyRange;
import io.arrowraft.proto.kvrpcpb.MvccGetByKeyRequest;
import io.arrowraft.proto.kvrpcpb.MvccGetByStartTsRequest;
import io.arrowraft.proto.kvrpcpb.RawBatchGetRequest;
import io.arrowraft.proto.kvrpcpb.RawBatchScanRequest;
import io.arrowraft.proto.kvrpcpb.RawChecksumRequest;
import io.arrowraft.proto.kvrpcpb.RawGetKeyTTLRequest;
import io.arrowraft.proto.kvrpcpb.RawScanRequest;
import io.arrowraft.proto.kvrpcpb.ReadIndexRequest;
import io.arrowraft.proto.kvrpcpb.ScanLockRequest;
import io.arrowraft.proto.kvrpcpb.ScanRequest;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.store.CheckConsistencyRequest;
import io.arrowraft.proto.store.ListRegionsRequest;
import io.arrowraft.proto.store.StoreAdminGrpc;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import io.arrowraft.simulation.check.Violation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What tools and other clients ask stores for, call by call: checksums, batches of raw keys and
 * ranges, what stands of a key's versions and locks, comparisons of replicas, plans over several
 * regions. A store may refuse any of them, but must not break on it.
 */
public final class ProbeWorkload implements Workload {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final int REGIONS_MAX = 1_000;
  private static final int ROWS = 20;
  private static final int VIOLATIONS_MAX = 10;

  private final Supplier<RpcClient> rpc;
  private final List<Violation> violations = new ArrayList<>();

  /**
   * @param rpc the way to the stores, of a machine that may have restarted
   */
  public ProbeWorkload(Supplier<RpcClient> rpc) {
    this.rpc = rpc;
  }

  @Override
  public String name() {
    return "probe";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    return client
        .timestamp()
        .thenCombine(
            client.placement().scanRegions(Bytes.EMPTY, Bytes.EMPTY, REGIONS_MAX),
            (now, regions) -> new Target(now, regions, random))
        .thenCompose(
            target ->
                target.leader().isEmpty()
                    ? CompletableFuture.completedFuture(null)
                    : client
                        .placement()
                        .store(target.leader().get().getStoreId())
                        .thenAccept(
                            store ->
                                // Nobody waits: the machine that asks may be down by then.
                                store.ifPresent(found -> probe(found.address(), target, random))));
  }

  /** A region, with the keys at which it is looked at. */
  private static final class Target {
    private final Timestamp now;
    private final List<RegionInfo> regions;
    private final RegionInfo region;
    private final ByteString key;
    private final boolean reverse;

    private Target(Timestamp now, List<RegionInfo> regions, RandomGenerator random) {
      this.now = now;
      this.regions = regions;
      this.region = regions.isEmpty() ? null : regions.get(random.nextInt(regions.size()));
      this.key = ByteString.copyFromUtf8("raw/%02d".formatted(random.nextInt(100)));
      this.reverse = random.nextBoolean();
    }

    private Optional<Peer> leader() {
      return region == null ? Optional.empty() : region.leader();
    }

    private Context context() {
      return context(region);
    }

    private static Context context(RegionInfo region) {
      return Context.newBuilder()
          .setRegionId(region.id())
          .setRegionEpoch(region.meta().getRegionEpoch())
          .setPeer(region.leader().orElseThrow())
          .build();
    }

    /** The region as raw keys. */
    private KeyRange range() {
      return KeyRange.newBuilder()
          .setStartKey(region.meta().getStartKey())
          .setEndKey(region.meta().getEndKey())
          .build();
    }

    /** Where the region begins, as a transaction's key. */
    private ByteString plainStart() {
      return ByteString.copyFrom(KeySpace.TRANSACTIONAL.keyAt(region.startKey()).toByteArray());
    }
  }

  private void probe(String address, Target at, RandomGenerator random) {
    Context context = at.context();
    switch (random.nextInt(13)) {
      case 0 ->
          call(
              address,
              RpcMethods.of(TikvGrpc.getRawBatchGetMethod()),
              RawBatchGetRequest.newBuilder()
                  .setContext(context)
                  .addKeys(at.key)
                  .addKeys(at.key.concat(ByteString.copyFromUtf8("x")))
                  .build());
      case 1 ->
          call(
              address,
              RpcMethods.of(TikvGrpc.getRawBatchScanMethod()),
              RawBatchScanRequest.newBuilder()
                  .setContext(context)
                  .addRanges(
                      at.reverse
                          ? KeyRange.newBuilder()
                              .setStartKey(at.range().getEndKey())
                              .setEndKey(at.range().getStartKey())
                              .build()
                          : at.range())
                  .setEachLimit(ROWS)
                  .setReverse(at.reverse)
                  .build());
      case 2 ->
          call(
              address,
              RpcMethods.of(TikvGrpc.getRawGetKeyTTLMethod()),
              RawGetKeyTTLRequest.newBuilder().setContext(context).setKey(at.key).build());
      case 3 ->
          call(
              address,
              RpcMethods.of(TikvGrpc.getRawChecksumMethod()),
              RawChecksumRequest.newBuilder()
                  .setContext(context)
                  .setAlgorithm(ChecksumAlgorithm.Crc64_Xor)
                  .addRanges(at.range())
                  .build());
      case 4 ->
          call(
              address,
              RpcMethods.of(TikvGrpc.getKvScanLockMethod()),
              ScanLockRequest.newBuilder()
                  .setContext(context)
                  .setMaxVersion(at.now.value())
                  .setStartKey(at.plainStart())
                  .setLimit(ROWS)
                  .build());
      case 5 ->
          call(
              address,
              RpcMethods.of(TikvGrpc.getMvccGetByKeyMethod()),
              MvccGetByKeyRequest.newBuilder()
                  .setContext(context)
                  .setKey(
                      random.nextBoolean()
                          ? at.plainStart()
                          : ByteString.copyFromUtf8("bank/%04d".formatted(random.nextInt(ROWS))))
                  .build());
      case 6 ->
          call(
              address,
              RpcMethods.of(TikvGrpc.getMvccGetByStartTsMethod()),
              MvccGetByStartTsRequest.newBuilder()
                  .setContext(context)
                  .setStartTs(at.now.value())
                  .build());
      case 7 ->
          call(
              address,
              RpcMethods.of(TikvGrpc.getGetLockWaitInfoMethod()),
              GetLockWaitInfoRequest.newBuilder().setContext(context).build());
      case 8 ->
          call(
              address,
              RpcMethods.of(TikvGrpc.getReadIndexMethod()),
              ReadIndexRequest.newBuilder()
                  .setContext(context)
                  .setStartTs(at.now.value())
                  .addRanges(
                      KeyRange.newBuilder()
                          .setStartKey(at.plainStart())
                          .setEndKey(at.plainStart().concat(ByteString.copyFromUtf8("~"))))
                  .build());
      case 9 ->
          call(
              address,
              RpcMethods.of(TikvGrpc.getRawScanMethod()),
              RawScanRequest.newBuilder()
                  .setContext(context)
                  .setStartKey(at.reverse ? at.range().getEndKey() : at.range().getStartKey())
                  .setLimit(ROWS)
                  .setKeyOnly(random.nextBoolean())
                  .setReverse(at.reverse)
                  .build());
      case 10 ->
          call(
              address,
              RpcMethods.of(TikvGrpc.getKvScanMethod()),
              ScanRequest.newBuilder()
                  .setContext(context)
                  .setStartKey(at.plainStart())
                  .setLimit(ROWS)
                  .setVersion(at.now.value())
                  .setSampleStep(random.nextInt(3))
                  .build());
      case 11 ->
          // A replica that differs is given up, which is seen where nothing has rotted.
          call(
              address,
              RpcMethods.of(StoreAdminGrpc.getCheckConsistencyMethod()),
              CheckConsistencyRequest.newBuilder().setRegionId(at.region.id()).build());
      default -> plans(address, at);
    }
    if (random.nextInt(8) == 0) {
      call(
          address,
          RpcMethods.of(StoreAdminGrpc.getListRegionsMethod()),
          ListRegionsRequest.getDefaultInstance());
    }
  }

  private <Q, R> CompletableFuture<R> call(String address, RpcMethod<Q, R> method, Q request) {
    return rpc.get()
        .call(address, method, request, TIMEOUT)
        .whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                judge(method, Async.cause(failure));
              }
            });
  }

  private void judge(RpcMethod<?, ?> method, Throwable failure) {
    boolean broken =
        !(failure instanceof RpcException refused)
            || refused.status() == RpcStatus.INTERNAL
            || refused.status() == RpcStatus.UNKNOWN
            || refused.status() == RpcStatus.UNIMPLEMENTED;
    if (broken) {
      broken(method + " failed: " + failure);
    }
  }

  private void broken(String what) {
    if (violations.size() < VIOLATIONS_MAX) {
      violations.add(new Violation("probe", what));
    }
  }

  /** Counts rows over all regions that the store leads. */
  private void plans(String address, Target at) {
    PlanNode plan = new PlanNode.Limit(new PlanNode.TableScan(1, List.of(), false), ROWS);
    BatchRequest.Builder request =
        BatchRequest.newBuilder()
            .setContext(at.context())
            .setTp(PlanRequest.REQUEST_TYPE)
            .setData(ByteString.copyFrom(PlanCodec.encode(PlanRequest.of(plan))))
            .setStartTs(at.now.value());
    for (RegionInfo region : at.regions) {
      boolean here =
          region
              .leader()
              .filter(leader -> leader.getStoreId() == at.leader().get().getStoreId())
              .isPresent();
      if (here && !region.endKey().isEmpty()) {
        request
            .addRegionsBuilder()
            .setRegionId(region.id())
            .setRegionEpoch(region.meta().getRegionEpoch())
            .addRangesBuilder()
            .setStart(
                ByteString.copyFrom(KeySpace.TRANSACTIONAL.keyAt(region.startKey()).toByteArray()))
            .setEnd(
                ByteString.copyFrom(KeySpace.TRANSACTIONAL.keyAt(region.endKey()).toByteArray()));
      }
    }
    RpcMethod<BatchRequest, BatchResponse> method =
        RpcMethods.of(TikvGrpc.getBatchCoprocessorMethod());
    RpcStream<BatchRequest> stream =
        rpc.get()
            .open(
                address,
                method,
                TIMEOUT,
                new RpcReceiver<>() {
                  @Override
                  public void onMessage(BatchResponse response) {}

                  @Override
                  public void onComplete() {}

                  @Override
                  public void onError(RpcException failure) {
                    judge(method, failure);
                  }
                });
    stream.request(REGIONS_MAX);
    stream.send(request.build());
    stream.complete();
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public List<Violation> check() {
    return List.copyOf(violations);
  }
}
