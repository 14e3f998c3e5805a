package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.kvrpcpb.MvccGetByKeyRequest;
import io.arrowraft.proto.kvrpcpb.MvccGetByKeyResponse;
import io.arrowraft.proto.kvrpcpb.MvccGetByStartTsRequest;
import io.arrowraft.proto.kvrpcpb.MvccGetByStartTsResponse;
import io.arrowraft.proto.kvrpcpb.MvccInfo;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.rpc.grpc.GrpcRpcClient;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;

/** Asks the leaders of regions what they hold; where a region has moved, once more for a while. */
final class RegionHistory implements AutoCloseable {
  private static final RpcMethod<MvccGetByKeyRequest, MvccGetByKeyResponse> BY_KEY =
      RpcMethods.of(TikvGrpc.getMvccGetByKeyMethod());
  private static final RpcMethod<MvccGetByStartTsRequest, MvccGetByStartTsResponse> BY_START =
      RpcMethods.of(TikvGrpc.getMvccGetByStartTsMethod());

  /** A region is read from end to end for a transaction. */
  private static final Duration BOUND = Duration.ofSeconds(60);

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final PdQuestions pd;
  private final GrpcRpcClient stores = new GrpcRpcClient("ctl", GrpcTransportOptions.defaults());
  private final Map<Long, String> addresses = new HashMap<>();

  RegionHistory(PdQuestions pd) {
    this.pd = pd;
  }

  /** A key and what its region holds of it. */
  record Found(long region, ByteString key, MvccInfo info) {}

  /** What there is of a key. */
  Found of(ByteString key, Supplier<JsonNode> region) {
    return patiently(
        region,
        where -> {
          MvccGetByKeyResponse response =
              call(
                  where,
                  BY_KEY,
                  MvccGetByKeyRequest.newBuilder().setContext(where.context()).setKey(key).build());
          return new Reply<>(
              response.hasRegionError() ? Optional.of(response.getRegionError()) : Optional.empty(),
              response.getError(),
              new Found(where.id(), key, response.getInfo()));
        });
  }

  /** A key that a transaction has locked or written, if the region has one. */
  Optional<Found> ofTransaction(long startTs, Supplier<JsonNode> region) {
    return patiently(
        region,
        where -> {
          MvccGetByStartTsResponse response =
              call(
                  where,
                  BY_START,
                  MvccGetByStartTsRequest.newBuilder()
                      .setContext(where.context())
                      .setStartTs(startTs)
                      .build());
          return new Reply<>(
              response.hasRegionError() ? Optional.of(response.getRegionError()) : Optional.empty(),
              response.getError(),
              response.hasInfo()
                  ? Optional.of(new Found(where.id(), response.getKey(), response.getInfo()))
                  : Optional.empty());
        });
  }

  private record Where(long id, Context context, String address) {}

  private record Reply<T>(Optional<Error> moved, String error, T value) {}

  private <T> T patiently(Supplier<JsonNode> region, Function<Where, Reply<T>> question) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Where where = where(region.get());
      Reply<T> reply = question.apply(where);
      if (!reply.error().isEmpty()) {
        throw new IllegalStateException("store at " + where.address() + ": " + reply.error());
      }
      if (reply.moved().isEmpty()) {
        return reply.value();
      }
      if (System.nanoTime() > until) {
        throw new IllegalStateException(
            "region %d does not come to rest: store at %s: %s"
                .formatted(where.id(), where.address(), reply.moved().get().getMessage()));
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private Where where(JsonNode region) {
    if (region.isNull() || region.isMissingNode()) {
      throw new IllegalStateException("there is no such region at the moment");
    }
    JsonNode leader = region.path("leader");
    if (!leader.has("store_id")) {
      throw new IllegalStateException(
          "region " + region.path("id").asText() + " has no leader now");
    }
    return new Where(
        region.path("id").asLong(),
        Context.newBuilder()
            .setRegionId(region.path("id").asLong())
            .setRegionEpoch(
                RegionEpoch.newBuilder()
                    .setConfVer(region.at("/epoch/conf_ver").asLong())
                    .setVersion(region.at("/epoch/version").asLong()))
            .setPeer(
                Peer.newBuilder()
                    .setId(leader.path("id").asLong())
                    .setStoreId(leader.path("store_id").asLong()))
            .build(),
        addresses.computeIfAbsent(
            leader.path("store_id").asLong(),
            id -> pd.ask("/store/" + id).at("/store/address").asText()));
  }

  private <Q, R> R call(Where where, RpcMethod<Q, R> method, Q request) {
    try {
      return stores.call(where.address(), method, request, BOUND).toCompletableFuture().join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof RpcException refused) {
        throw new IllegalStateException(
            "no answer of the store at " + where.address() + ": " + refused.getMessage(), refused);
      }
      throw failed;
    }
  }

  @Override
  public void close() {
    stores.close();
  }
}
