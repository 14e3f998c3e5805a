package io.arrowraft.client.txn;

import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.region.RegionRequest;
import io.arrowraft.proto.kvrpcpb.BatchGetRequest;
import io.arrowraft.proto.kvrpcpb.BatchGetResponse;
import io.arrowraft.proto.kvrpcpb.BatchRollbackRequest;
import io.arrowraft.proto.kvrpcpb.BatchRollbackResponse;
import io.arrowraft.proto.kvrpcpb.CheckSecondaryLocksRequest;
import io.arrowraft.proto.kvrpcpb.CheckSecondaryLocksResponse;
import io.arrowraft.proto.kvrpcpb.CheckTxnStatusRequest;
import io.arrowraft.proto.kvrpcpb.CheckTxnStatusResponse;
import io.arrowraft.proto.kvrpcpb.CommitRequest;
import io.arrowraft.proto.kvrpcpb.CommitResponse;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.kvrpcpb.DeleteRangeRequest;
import io.arrowraft.proto.kvrpcpb.DeleteRangeResponse;
import io.arrowraft.proto.kvrpcpb.GetRequest;
import io.arrowraft.proto.kvrpcpb.GetResponse;
import io.arrowraft.proto.kvrpcpb.PessimisticLockRequest;
import io.arrowraft.proto.kvrpcpb.PessimisticLockResponse;
import io.arrowraft.proto.kvrpcpb.PessimisticRollbackRequest;
import io.arrowraft.proto.kvrpcpb.PessimisticRollbackResponse;
import io.arrowraft.proto.kvrpcpb.PrewriteRequest;
import io.arrowraft.proto.kvrpcpb.PrewriteResponse;
import io.arrowraft.proto.kvrpcpb.ResolveLockRequest;
import io.arrowraft.proto.kvrpcpb.ResolveLockResponse;
import io.arrowraft.proto.kvrpcpb.ScanLockRequest;
import io.arrowraft.proto.kvrpcpb.ScanLockResponse;
import io.arrowraft.proto.kvrpcpb.ScanRequest;
import io.arrowraft.proto.kvrpcpb.ScanResponse;
import io.arrowraft.proto.kvrpcpb.TxnHeartBeatRequest;
import io.arrowraft.proto.kvrpcpb.TxnHeartBeatResponse;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.rpc.RpcMethod;
import java.util.function.Function;

/** The transactional methods, each with where its response carries a region error. */
final class TxnRequests {
  private static final RpcMethod<GetRequest, GetResponse> GET =
      RpcMethods.of(TikvGrpc.getKvGetMethod());
  private static final RpcMethod<BatchGetRequest, BatchGetResponse> BATCH_GET =
      RpcMethods.of(TikvGrpc.getKvBatchGetMethod());
  private static final RpcMethod<ScanRequest, ScanResponse> SCAN =
      RpcMethods.of(TikvGrpc.getKvScanMethod());
  private static final RpcMethod<DeleteRangeRequest, DeleteRangeResponse> DELETE_RANGE =
      RpcMethods.of(TikvGrpc.getKvDeleteRangeMethod());
  private static final RpcMethod<ScanLockRequest, ScanLockResponse> SCAN_LOCK =
      RpcMethods.of(TikvGrpc.getKvScanLockMethod());
  private static final RpcMethod<PrewriteRequest, PrewriteResponse> PREWRITE =
      RpcMethods.of(TikvGrpc.getKvPrewriteMethod());
  private static final RpcMethod<CommitRequest, CommitResponse> COMMIT =
      RpcMethods.of(TikvGrpc.getKvCommitMethod());
  private static final RpcMethod<BatchRollbackRequest, BatchRollbackResponse> ROLLBACK =
      RpcMethods.of(TikvGrpc.getKvBatchRollbackMethod());
  private static final RpcMethod<CheckTxnStatusRequest, CheckTxnStatusResponse> CHECK_STATUS =
      RpcMethods.of(TikvGrpc.getKvCheckTxnStatusMethod());
  private static final RpcMethod<ResolveLockRequest, ResolveLockResponse> RESOLVE_LOCK =
      RpcMethods.of(TikvGrpc.getKvResolveLockMethod());
  private static final RpcMethod<CheckSecondaryLocksRequest, CheckSecondaryLocksResponse>
      CHECK_SECONDARIES = RpcMethods.of(TikvGrpc.getKvCheckSecondaryLocksMethod());
  private static final RpcMethod<TxnHeartBeatRequest, TxnHeartBeatResponse> HEARTBEAT =
      RpcMethods.of(TikvGrpc.getKvTxnHeartBeatMethod());

  private static final RpcMethod<PessimisticLockRequest, PessimisticLockResponse> LOCK =
      RpcMethods.of(TikvGrpc.getKvPessimisticLockMethod());
  private static final RpcMethod<PessimisticRollbackRequest, PessimisticRollbackResponse> UNLOCK =
      RpcMethods.of(TikvGrpc.getKVPessimisticRollbackMethod());

  private TxnRequests() {}

  static RegionRequest<GetRequest, GetResponse> get(Function<Context, GetRequest> build) {
    return new RegionRequest<>(
            GET, build, Wire.regionError(GetResponse::hasRegionError, GetResponse::getRegionError))
        .ofAnyReplica();
  }

  static RegionRequest<BatchGetRequest, BatchGetResponse> batchGet(
      Function<Context, BatchGetRequest> build) {
    return new RegionRequest<>(
            BATCH_GET,
            build,
            Wire.regionError(BatchGetResponse::hasRegionError, BatchGetResponse::getRegionError))
        .ofAnyReplica();
  }

  static RegionRequest<ScanRequest, ScanResponse> scan(Function<Context, ScanRequest> build) {
    return new RegionRequest<>(
            SCAN,
            build,
            Wire.regionError(ScanResponse::hasRegionError, ScanResponse::getRegionError))
        .ofAnyReplica();
  }

  static RegionRequest<ScanLockRequest, ScanLockResponse> scanLock(
      Function<Context, ScanLockRequest> build) {
    return new RegionRequest<>(
        SCAN_LOCK,
        build,
        Wire.regionError(ScanLockResponse::hasRegionError, ScanLockResponse::getRegionError));
  }

  static RegionRequest<DeleteRangeRequest, DeleteRangeResponse> deleteRange(
      Function<Context, DeleteRangeRequest> build) {
    return new RegionRequest<>(
        DELETE_RANGE,
        build,
        Wire.regionError(DeleteRangeResponse::hasRegionError, DeleteRangeResponse::getRegionError));
  }

  static RegionRequest<PrewriteRequest, PrewriteResponse> prewrite(
      Function<Context, PrewriteRequest> build) {
    return new RegionRequest<>(
        PREWRITE,
        build,
        Wire.regionError(PrewriteResponse::hasRegionError, PrewriteResponse::getRegionError));
  }

  static RegionRequest<CommitRequest, CommitResponse> commit(
      Function<Context, CommitRequest> build) {
    return new RegionRequest<>(
        COMMIT,
        build,
        Wire.regionError(CommitResponse::hasRegionError, CommitResponse::getRegionError));
  }

  static RegionRequest<BatchRollbackRequest, BatchRollbackResponse> rollback(
      Function<Context, BatchRollbackRequest> build) {
    return new RegionRequest<>(
        ROLLBACK,
        build,
        Wire.regionError(
            BatchRollbackResponse::hasRegionError, BatchRollbackResponse::getRegionError));
  }

  static RegionRequest<CheckTxnStatusRequest, CheckTxnStatusResponse> checkStatus(
      Function<Context, CheckTxnStatusRequest> build) {
    return new RegionRequest<>(
        CHECK_STATUS,
        build,
        Wire.regionError(
            CheckTxnStatusResponse::hasRegionError, CheckTxnStatusResponse::getRegionError));
  }

  static RegionRequest<ResolveLockRequest, ResolveLockResponse> resolveLock(
      Function<Context, ResolveLockRequest> build) {
    return new RegionRequest<>(
        RESOLVE_LOCK,
        build,
        Wire.regionError(ResolveLockResponse::hasRegionError, ResolveLockResponse::getRegionError));
  }

  static RegionRequest<CheckSecondaryLocksRequest, CheckSecondaryLocksResponse> checkSecondaries(
      Function<Context, CheckSecondaryLocksRequest> build) {
    return new RegionRequest<>(
        CHECK_SECONDARIES,
        build,
        Wire.regionError(
            CheckSecondaryLocksResponse::hasRegionError,
            CheckSecondaryLocksResponse::getRegionError));
  }

  static RegionRequest<PessimisticLockRequest, PessimisticLockResponse> lock(
      Function<Context, PessimisticLockRequest> build) {
    return new RegionRequest<>(
        LOCK,
        build,
        Wire.regionError(
            PessimisticLockResponse::hasRegionError, PessimisticLockResponse::getRegionError));
  }

  static RegionRequest<PessimisticRollbackRequest, PessimisticRollbackResponse> unlock(
      Function<Context, PessimisticRollbackRequest> build) {
    return new RegionRequest<>(
        UNLOCK,
        build,
        Wire.regionError(
            PessimisticRollbackResponse::hasRegionError,
            PessimisticRollbackResponse::getRegionError));
  }

  static RegionRequest<TxnHeartBeatRequest, TxnHeartBeatResponse> heartbeat(
      Function<Context, TxnHeartBeatRequest> build) {
    return new RegionRequest<>(
        HEARTBEAT,
        build,
        Wire.regionError(
            TxnHeartBeatResponse::hasRegionError, TxnHeartBeatResponse::getRegionError));
  }
}
