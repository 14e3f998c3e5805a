package io.arrowraft.server.gc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.proto.kvrpcpb.CheckSecondaryLocksRequest;
import io.arrowraft.proto.kvrpcpb.CheckSecondaryLocksResponse;
import io.arrowraft.proto.kvrpcpb.CheckTxnStatusRequest;
import io.arrowraft.proto.kvrpcpb.CheckTxnStatusResponse;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.raft.grpc.StoreAddresses;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.storage.mvcc.MvccKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Asks the leaders of other regions, on this store or another, what clients ask them. Every failure
 * is the caller's to take up again later, from the start. Safe for use by any thread.
 */
final class StoreCalls {
  private static final RpcMethod<CheckTxnStatusRequest, CheckTxnStatusResponse> STATUS =
      RpcMethods.of(TikvGrpc.getKvCheckTxnStatusMethod());
  private static final RpcMethod<CheckSecondaryLocksRequest, CheckSecondaryLocksResponse>
      SECONDARIES = RpcMethods.of(TikvGrpc.getKvCheckSecondaryLocksMethod());

  private final PdClient pd;
  private final StoreAddresses addresses;
  private final RpcClient client;
  private final Duration timeout;

  StoreCalls(PdClient pd, StoreAddresses addresses, RpcClient client, Duration timeout) {
    this.pd = pd;
    this.addresses = addresses;
    this.client = client;
    this.timeout = timeout;
  }

  /** A timestamp of the present. */
  CompletionStage<Long> now() {
    return pd.timestamp().thenApply(timestamp -> timestamp.value());
  }

  /**
   * Asks the region of a transaction's primary.
   *
   * @param request without context
   */
  CompletionStage<CheckTxnStatusResponse> status(CheckTxnStatusRequest.Builder request) {
    return regionOf(Bytes.wrap(request.getPrimaryKey().toByteArray()))
        .thenCompose(region -> send(region, STATUS, context -> request.setContext(context).build()))
        .thenApply(
            response -> {
              requireNone(response.hasRegionError(), response.getRegionError());
              return response;
            });
  }

  /** Asks all regions that hold secondaries; one answer of each. */
  CompletionStage<List<CheckSecondaryLocksResponse>> secondaries(
      List<ByteString> keys, long startTs) {
    TreeSet<Bytes> wanted = new TreeSet<>();
    keys.forEach(key -> wanted.add(Bytes.wrap(key.toByteArray())));
    TreeMap<Long, Asked> byRegion = new TreeMap<>();
    CompletionStage<Void> grouped = CompletableFuture.completedFuture(null);
    for (Bytes key : wanted) {
      grouped =
          grouped
              .thenCompose(before -> regionOf(key))
              .thenAccept(
                  region ->
                      byRegion
                          .computeIfAbsent(region.id(), id -> new Asked(region, new ArrayList<>()))
                          .keys()
                          .add(key));
    }
    List<CheckSecondaryLocksResponse> answers = new ArrayList<>();
    return grouped
        .thenCompose(all -> askEach(new ArrayList<>(byRegion.values()), startTs, answers))
        .thenApply(all -> answers);
  }

  private record Asked(RegionInfo region, List<Bytes> keys) {}

  private CompletionStage<Void> askEach(
      List<Asked> regions, long startTs, List<CheckSecondaryLocksResponse> answers) {
    CompletionStage<Void> done = CompletableFuture.completedFuture(null);
    for (Asked asked : regions) {
      done =
          done.thenCompose(before -> ask(asked, startTs))
              .thenAccept(
                  response -> {
                    requireNone(response.hasRegionError(), response.getRegionError());
                    answers.add(response);
                  });
    }
    return done;
  }

  private CompletionStage<CheckSecondaryLocksResponse> ask(Asked asked, long startTs) {
    return send(
        asked.region(),
        SECONDARIES,
        context ->
            CheckSecondaryLocksRequest.newBuilder()
                .setContext(context)
                .setStartVersion(startTs)
                .addAllKeys(asked.keys().stream().map(StoreCalls::wire).toList())
                .build());
  }

  private CompletionStage<RegionInfo> regionOf(Bytes key) {
    return pd.region(Bytes.wrap(MvccKeys.encode(key)))
        .thenApply(
            found ->
                found.orElseThrow(
                    () ->
                        new RpcException(
                            RpcStatus.UNAVAILABLE, "no region is known to hold key " + key)));
  }

  private <Q, R> CompletionStage<R> send(
      RegionInfo region, RpcMethod<Q, R> method, Function<Context, Q> request) {
    Peer leader =
        region
            .leader()
            .orElseThrow(
                () ->
                    new RpcException(
                        RpcStatus.UNAVAILABLE, "no leader is known of region " + region.id()));
    Context context =
        Context.newBuilder()
            .setRegionId(region.id())
            .setRegionEpoch(region.meta().getRegionEpoch())
            .setPeer(leader)
            .build();
    return addresses
        .addressOf(leader.getStoreId())
        .thenCompose(address -> client.call(address, method, request.apply(context), timeout));
  }

  private static void requireNone(boolean refused, Object error) {
    if (refused) {
      throw new RpcException(RpcStatus.UNAVAILABLE, "the region has moved: " + error);
    }
  }

  static ByteString wire(Bytes key) {
    return UnsafeByteOperations.unsafeWrap(key.unsafeArray());
  }
}
