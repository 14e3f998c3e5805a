package io.arrowraft.pd.client;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.metapb.StoreState;
import io.arrowraft.proto.pd.GcProgress;
import io.arrowraft.proto.pd.GcReport;
import io.arrowraft.proto.pd.RangeStatisticsRequest;
import io.arrowraft.proto.pd.ResolvedRange;
import io.arrowraft.proto.pdpb.AllocIDRequest;
import io.arrowraft.proto.pdpb.AskBatchSplitRequest;
import io.arrowraft.proto.pdpb.BootstrapRequest;
import io.arrowraft.proto.pdpb.ErrorType;
import io.arrowraft.proto.pdpb.GetAllStoresRequest;
import io.arrowraft.proto.pdpb.GetGCSafePointRequest;
import io.arrowraft.proto.pdpb.GetRegionByIDRequest;
import io.arrowraft.proto.pdpb.GetRegionRequest;
import io.arrowraft.proto.pdpb.GetRegionResponse;
import io.arrowraft.proto.pdpb.GetStoreRequest;
import io.arrowraft.proto.pdpb.IsBootstrappedRequest;
import io.arrowraft.proto.pdpb.PutStoreRequest;
import io.arrowraft.proto.pdpb.ReportBatchSplitRequest;
import io.arrowraft.proto.pdpb.ScanRegionsRequest;
import io.arrowraft.proto.pdpb.ScatterRegionRequest;
import io.arrowraft.proto.pdpb.SplitRegionsRequest;
import io.arrowraft.proto.pdpb.StoreHeartbeatRequest;
import io.arrowraft.proto.pdpb.StoreHeartbeatResponse;
import io.arrowraft.proto.pdpb.StoreStats;
import io.arrowraft.proto.pdpb.UpdateGCSafePointRequest;
import io.arrowraft.proto.pdpb.UpdateServiceGCSafePointRequest;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** {@link PdClient} over the RPC port. */
public final class RpcPdClient implements PdClient {
  private final RpcClient rpc;
  private final EventLoop loop;
  private final LeaderFinder finder;
  private final PdCalls calls;
  private final TimestampStream timestamps;
  // A store opens one and keeps it.
  private final List<RegionHeartbeats> lines = new ArrayList<>();

  /**
   * A client that finds its placement driver with the first call.
   *
   * @param loop where the client's state lives; it may be shared
   */
  public RpcPdClient(
      PdClientConfig config, RpcClient rpc, Environment environment, EventLoop loop) {
    this.rpc = rpc;
    this.loop = loop;
    this.finder = new LeaderFinder(config, rpc, loop);
    this.calls =
        new PdCalls(
            config,
            rpc,
            loop,
            environment.time(),
            environment.random().generator("pd-client"),
            finder,
            Counter.builder("arrowraft_pdclient_retries_total")
                .description("Calls to the placement driver that had to be repeated")
                .register(environment.meters()));
    this.timestamps = new TimestampStream(config, rpc, loop, environment.time(), finder, calls);
  }

  @Override
  public CompletableFuture<Long> clusterId() {
    return calls.leader().thenApply(LeaderFinder.Leader::clusterId);
  }

  @Override
  public CompletableFuture<Timestamp> timestamp() {
    return timestamps.next();
  }

  @Override
  public CompletableFuture<Long> allocateId() {
    return calls
        .call(
            PdKinds.ALLOC_ID,
            header -> AllocIDRequest.newBuilder().setHeader(header).setCount(1).build())
        .thenApply(response -> response.getId());
  }

  @Override
  public CompletableFuture<Optional<RegionInfo>> region(Bytes key) {
    return calls
        .call(
            PdKinds.GET_REGION,
            header ->
                GetRegionRequest.newBuilder()
                    .setHeader(header)
                    .setRegionKey(RegionInfo.wire(key))
                    .build())
        .thenApply(RpcPdClient::regionOf);
  }

  @Override
  public CompletableFuture<Optional<RegionInfo>> previousRegion(Bytes key) {
    return calls
        .call(
            PdKinds.GET_PREV_REGION,
            header ->
                GetRegionRequest.newBuilder()
                    .setHeader(header)
                    .setRegionKey(RegionInfo.wire(key))
                    .build())
        .thenApply(RpcPdClient::regionOf);
  }

  @Override
  public CompletableFuture<Optional<RegionInfo>> regionById(long regionId) {
    return calls
        .call(
            PdKinds.GET_REGION_BY_ID,
            header ->
                GetRegionByIDRequest.newBuilder().setHeader(header).setRegionId(regionId).build())
        .thenApply(RpcPdClient::regionOf);
  }

  private static Optional<RegionInfo> regionOf(GetRegionResponse response) {
    return response.hasRegion() && response.getRegion().getId() != 0
        ? Optional.of(RegionInfo.of(response.getRegion(), response.getLeader()))
        : Optional.empty();
  }

  @Override
  public CompletableFuture<List<RegionInfo>> scanRegions(Bytes start, Bytes end, int limit) {
    return calls
        .call(
            PdKinds.SCAN_REGIONS,
            header ->
                ScanRegionsRequest.newBuilder()
                    .setHeader(header)
                    .setStartKey(RegionInfo.wire(start))
                    .setEndKey(RegionInfo.wire(end))
                    .setLimit(limit)
                    .build())
        .thenApply(
            response ->
                response.getRegionsList().stream()
                    .map(region -> RegionInfo.of(region.getRegion(), region.getLeader()))
                    .toList());
  }

  @Override
  public CompletableFuture<RangeStatistics> rangeStatistics(Bytes start, Bytes end) {
    return calls
        .call(
            PdKinds.RANGE_STATISTICS,
            header ->
                RangeStatisticsRequest.newBuilder()
                    .setHeader(header)
                    .setStartKey(RegionInfo.wire(start))
                    .setEndKey(RegionInfo.wire(end))
                    .build())
        .thenApply(
            sum ->
                new RangeStatistics(
                    sum.getRegions(),
                    sum.getApproximateBytes(),
                    sum.getApproximateKeys(),
                    sum.getStoresList().stream()
                        .map(
                            load ->
                                new RangeStatistics.StoreLoad(
                                    load.getStoreId(), load.getLeaders(), load.getPeers()))
                        .toList()));
  }

  @Override
  public CompletableFuture<Optional<StoreInfo>> store(long storeId) {
    CompletableFuture<Optional<StoreInfo>> result = new CompletableFuture<>();
    calls
        .call(
            PdKinds.GET_STORE,
            header -> GetStoreRequest.newBuilder().setHeader(header).setStoreId(storeId).build())
        .whenComplete(
            (response, failure) -> {
              if (failure == null) {
                result.complete(Optional.of(new StoreInfo(response.getStore())));
              } else if (isUnknownStore(failure)) {
                result.complete(Optional.empty());
              } else {
                Async.settle(result, null, failure);
              }
            });
    return result;
  }

  /** The protocol has no code of its own for an unknown store: GetStore answers gRPC UNKNOWN. */
  private static boolean isUnknownStore(Throwable failure) {
    return Async.cause(failure).getCause() instanceof RpcException rpcFailure
        && rpcFailure.status() == RpcStatus.UNKNOWN;
  }

  @Override
  public CompletableFuture<List<StoreInfo>> stores() {
    return calls
        .call(
            PdKinds.GET_ALL_STORES,
            header ->
                GetAllStoresRequest.newBuilder()
                    .setHeader(header)
                    .setExcludeTombstoneStores(true)
                    .build())
        .thenApply(
            response ->
                response.getStoresList().stream()
                    .filter(store -> store.getState() != StoreState.Tombstone)
                    .map(StoreInfo::new)
                    .sorted(Comparator.comparing(StoreInfo::id))
                    .toList());
  }

  @Override
  public CompletableFuture<Boolean> isBootstrapped() {
    return calls
        .call(
            PdKinds.IS_BOOTSTRAPPED,
            header -> IsBootstrappedRequest.newBuilder().setHeader(header).build())
        .thenApply(response -> response.getBootstrapped());
  }

  @Override
  public CompletableFuture<Boolean> bootstrap(Store store, Region region) {
    return calls
        .call(
            PdKinds.BOOTSTRAP,
            header ->
                BootstrapRequest.newBuilder()
                    .setHeader(header)
                    .setStore(store)
                    .setRegion(region)
                    .build())
        .thenApply(
            response ->
                response.getHeader().getError().getType() != ErrorType.ALREADY_BOOTSTRAPPED);
  }

  @Override
  public CompletableFuture<Void> putStore(Store store) {
    return calls
        .call(
            PdKinds.PUT_STORE,
            header -> PutStoreRequest.newBuilder().setHeader(header).setStore(store).build())
        .thenApply(response -> null);
  }

  @Override
  public CompletableFuture<StoreHeartbeatResponse> storeHeartbeat(StoreStats stats) {
    return calls.call(
        PdKinds.STORE_HEARTBEAT,
        header -> StoreHeartbeatRequest.newBuilder().setHeader(header).setStats(stats).build());
  }

  @Override
  public RegionHeartbeats openRegionHeartbeats(RegionHeartbeats.Listener listener) {
    RegionHeartbeats line = new ReconnectingHeartbeats(rpc, loop, finder, calls, listener);
    loop.run(() -> lines.add(line));
    return line;
  }

  @Override
  public CompletableFuture<List<SplitIds>> askBatchSplit(Region region, int count) {
    return calls
        .call(
            PdKinds.ASK_BATCH_SPLIT,
            header ->
                AskBatchSplitRequest.newBuilder()
                    .setHeader(header)
                    .setRegion(region)
                    .setSplitCount(count)
                    .build())
        .thenApply(
            response ->
                response.getIdsList().stream()
                    .map(ids -> new SplitIds(ids.getNewRegionId(), ids.getNewPeerIdsList()))
                    .toList());
  }

  @Override
  public CompletableFuture<Void> reportBatchSplit(List<Region> regions) {
    return calls
        .call(
            PdKinds.REPORT_BATCH_SPLIT,
            header ->
                ReportBatchSplitRequest.newBuilder()
                    .setHeader(header)
                    .addAllRegions(regions)
                    .build())
        .thenApply(response -> null);
  }

  @Override
  public CompletableFuture<Void> scatter(List<Long> regionIds, String group) {
    return calls
        .call(
            PdKinds.SCATTER_REGION,
            header ->
                ScatterRegionRequest.newBuilder()
                    .setHeader(header)
                    .addAllRegionsId(regionIds)
                    .setGroup(group)
                    .build())
        .thenApply(response -> null);
  }

  @Override
  public CompletableFuture<List<Long>> splitRegions(List<Bytes> keys) {
    return calls
        .call(
            PdKinds.SPLIT_REGIONS,
            header ->
                SplitRegionsRequest.newBuilder()
                    .setHeader(header)
                    .addAllSplitKeys(keys.stream().map(RegionInfo::wire).toList())
                    .build())
        .thenApply(response -> response.getRegionsIdList());
  }

  @Override
  public CompletableFuture<GcProgress> reportGarbageCollection(
      long storeId, List<ResolvedRange> resolved) {
    return calls.call(
        PdKinds.REPORT_GARBAGE_COLLECTION,
        header ->
            GcReport.newBuilder()
                .setHeader(header)
                .setStoreId(storeId)
                .addAllResolved(resolved)
                .build());
  }

  @Override
  public CompletableFuture<Timestamp> gcSafePoint() {
    return calls
        .call(
            PdKinds.GET_GC_SAFE_POINT,
            header -> GetGCSafePointRequest.newBuilder().setHeader(header).build())
        .thenApply(response -> new Timestamp(response.getSafePoint()));
  }

  @Override
  public CompletableFuture<Timestamp> advanceGcSafePoint(Timestamp safePoint) {
    return calls
        .call(
            PdKinds.UPDATE_GC_SAFE_POINT,
            header ->
                UpdateGCSafePointRequest.newBuilder()
                    .setHeader(header)
                    .setSafePoint(safePoint.value())
                    .build())
        .thenApply(response -> new Timestamp(response.getNewSafePoint()));
  }

  @Override
  public CompletableFuture<ServiceSafePoint> holdSafePoint(
      String service, Duration timeToLive, Timestamp safePoint) {
    return calls
        .call(
            PdKinds.UPDATE_SERVICE_GC_SAFE_POINT,
            header ->
                UpdateServiceGCSafePointRequest.newBuilder()
                    .setHeader(header)
                    .setServiceId(com.google.protobuf.ByteString.copyFromUtf8(service))
                    .setTTL(timeToLive.toSeconds())
                    .setSafePoint(safePoint.value())
                    .build())
        .thenApply(
            response ->
                new ServiceSafePoint(
                    response.getServiceId().toStringUtf8(),
                    Duration.ofSeconds(response.getTTL()),
                    new Timestamp(response.getMinSafePoint())));
  }

  @Override
  public void close() {
    loop.run(
        () -> {
          lines.forEach(RegionHeartbeats::close);
          lines.clear();
          timestamps.close();
          calls.close();
        });
  }
}
