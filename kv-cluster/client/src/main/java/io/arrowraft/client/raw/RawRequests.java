package io.arrowraft.client.raw;

import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.region.RegionRequest;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.kvrpcpb.RawBatchDeleteRequest;
import io.arrowraft.proto.kvrpcpb.RawBatchDeleteResponse;
import io.arrowraft.proto.kvrpcpb.RawBatchGetRequest;
import io.arrowraft.proto.kvrpcpb.RawBatchGetResponse;
import io.arrowraft.proto.kvrpcpb.RawBatchPutRequest;
import io.arrowraft.proto.kvrpcpb.RawBatchPutResponse;
import io.arrowraft.proto.kvrpcpb.RawCASRequest;
import io.arrowraft.proto.kvrpcpb.RawCASResponse;
import io.arrowraft.proto.kvrpcpb.RawDeleteRangeRequest;
import io.arrowraft.proto.kvrpcpb.RawDeleteRangeResponse;
import io.arrowraft.proto.kvrpcpb.RawDeleteRequest;
import io.arrowraft.proto.kvrpcpb.RawDeleteResponse;
import io.arrowraft.proto.kvrpcpb.RawGetRequest;
import io.arrowraft.proto.kvrpcpb.RawGetResponse;
import io.arrowraft.proto.kvrpcpb.RawPutRequest;
import io.arrowraft.proto.kvrpcpb.RawPutResponse;
import io.arrowraft.proto.kvrpcpb.RawScanRequest;
import io.arrowraft.proto.kvrpcpb.RawScanResponse;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.rpc.RpcMethod;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** The raw methods, each with where its response carries errors. */
final class RawRequests {
  private static final RpcMethod<RawGetRequest, RawGetResponse> GET =
      RpcMethods.of(TikvGrpc.getRawGetMethod());
  private static final RpcMethod<RawBatchGetRequest, RawBatchGetResponse> BATCH_GET =
      RpcMethods.of(TikvGrpc.getRawBatchGetMethod());
  private static final RpcMethod<RawPutRequest, RawPutResponse> PUT =
      RpcMethods.of(TikvGrpc.getRawPutMethod());
  private static final RpcMethod<RawBatchPutRequest, RawBatchPutResponse> BATCH_PUT =
      RpcMethods.of(TikvGrpc.getRawBatchPutMethod());
  private static final RpcMethod<RawDeleteRequest, RawDeleteResponse> DELETE =
      RpcMethods.of(TikvGrpc.getRawDeleteMethod());
  private static final RpcMethod<RawBatchDeleteRequest, RawBatchDeleteResponse> BATCH_DELETE =
      RpcMethods.of(TikvGrpc.getRawBatchDeleteMethod());
  private static final RpcMethod<RawScanRequest, RawScanResponse> SCAN =
      RpcMethods.of(TikvGrpc.getRawScanMethod());
  private static final RpcMethod<RawDeleteRangeRequest, RawDeleteRangeResponse> DELETE_RANGE =
      RpcMethods.of(TikvGrpc.getRawDeleteRangeMethod());
  private static final RpcMethod<RawCASRequest, RawCASResponse> COMPARE_AND_SWAP =
      RpcMethods.of(TikvGrpc.getRawCompareAndSwapMethod());

  private RawRequests() {}

  static RegionRequest<RawGetRequest, RawGetResponse> get(Function<Context, RawGetRequest> build) {
    return request(
            GET,
            build,
            RawGetResponse::getError,
            RawGetResponse::hasRegionError,
            RawGetResponse::getRegionError)
        .ofAnyReplica();
  }

  static RegionRequest<RawBatchGetRequest, RawBatchGetResponse> batchGet(
      Function<Context, RawBatchGetRequest> build) {
    return new RegionRequest<>(
            BATCH_GET,
            build,
            Wire.regionError(
                RawBatchGetResponse::hasRegionError, RawBatchGetResponse::getRegionError))
        .ofAnyReplica();
  }

  static RegionRequest<RawPutRequest, RawPutResponse> put(Function<Context, RawPutRequest> build) {
    return request(
        PUT,
        build,
        RawPutResponse::getError,
        RawPutResponse::hasRegionError,
        RawPutResponse::getRegionError);
  }

  static RegionRequest<RawBatchPutRequest, RawBatchPutResponse> batchPut(
      Function<Context, RawBatchPutRequest> build) {
    return request(
        BATCH_PUT,
        build,
        RawBatchPutResponse::getError,
        RawBatchPutResponse::hasRegionError,
        RawBatchPutResponse::getRegionError);
  }

  static RegionRequest<RawDeleteRequest, RawDeleteResponse> delete(
      Function<Context, RawDeleteRequest> build) {
    return request(
        DELETE,
        build,
        RawDeleteResponse::getError,
        RawDeleteResponse::hasRegionError,
        RawDeleteResponse::getRegionError);
  }

  static RegionRequest<RawBatchDeleteRequest, RawBatchDeleteResponse> batchDelete(
      Function<Context, RawBatchDeleteRequest> build) {
    return request(
        BATCH_DELETE,
        build,
        RawBatchDeleteResponse::getError,
        RawBatchDeleteResponse::hasRegionError,
        RawBatchDeleteResponse::getRegionError);
  }

  static RegionRequest<RawScanRequest, RawScanResponse> scan(
      Function<Context, RawScanRequest> build) {
    return new RegionRequest<>(
            SCAN,
            build,
            Wire.regionError(RawScanResponse::hasRegionError, RawScanResponse::getRegionError))
        .ofAnyReplica();
  }

  static RegionRequest<RawDeleteRangeRequest, RawDeleteRangeResponse> deleteRange(
      Function<Context, RawDeleteRangeRequest> build) {
    return request(
        DELETE_RANGE,
        build,
        RawDeleteRangeResponse::getError,
        RawDeleteRangeResponse::hasRegionError,
        RawDeleteRangeResponse::getRegionError);
  }

  static RegionRequest<RawCASRequest, RawCASResponse> compareAndSwap(
      Function<Context, RawCASRequest> build) {
    return request(
            COMPARE_AND_SWAP,
            build,
            RawCASResponse::getError,
            RawCASResponse::hasRegionError,
            RawCASResponse::getRegionError)
        .notRepeatable();
  }

  /**
   * A put or delete as the options want it: whether it may be sent again when its answer was lost.
   */
  static <Q, R> RegionRequest<Q, R> write(RegionCalls calls, RegionRequest<Q, R> request) {
    return switch (calls.options().lostAnswers()) {
      case REPEAT -> request;
      case SURFACE -> request.notRepeatable();
    };
  }

  /** A non-empty error text beats a region error: the request was looked at. */
  private static <Q, R> RegionRequest<Q, R> request(
      RpcMethod<Q, R> method,
      Function<Context, Q> build,
      Function<R, String> error,
      Predicate<R> hasRegionError,
      Function<R, Error> regionError) {
    return new RegionRequest<>(
        method,
        build,
        response ->
            error.apply(response).isEmpty() && hasRegionError.test(response)
                ? Optional.of(regionError.apply(response))
                : Optional.empty());
  }
}
