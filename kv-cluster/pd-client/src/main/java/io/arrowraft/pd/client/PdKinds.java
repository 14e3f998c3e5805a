package io.arrowraft.pd.client;

import io.arrowraft.proto.pd.GarbageCollectionGrpc;
import io.arrowraft.proto.pd.GcProgress;
import io.arrowraft.proto.pd.GcReport;
import io.arrowraft.proto.pd.RangeStatisticsRequest;
import io.arrowraft.proto.pd.RangeStatisticsResponse;
import io.arrowraft.proto.pd.StatisticsGrpc;
import io.arrowraft.proto.pdpb.AllocIDRequest;
import io.arrowraft.proto.pdpb.AllocIDResponse;
import io.arrowraft.proto.pdpb.AskBatchSplitRequest;
import io.arrowraft.proto.pdpb.AskBatchSplitResponse;
import io.arrowraft.proto.pdpb.BootstrapRequest;
import io.arrowraft.proto.pdpb.BootstrapResponse;
import io.arrowraft.proto.pdpb.ErrorType;
import io.arrowraft.proto.pdpb.GetAllStoresRequest;
import io.arrowraft.proto.pdpb.GetAllStoresResponse;
import io.arrowraft.proto.pdpb.GetGCSafePointRequest;
import io.arrowraft.proto.pdpb.GetGCSafePointResponse;
import io.arrowraft.proto.pdpb.GetRegionByIDRequest;
import io.arrowraft.proto.pdpb.GetRegionRequest;
import io.arrowraft.proto.pdpb.GetRegionResponse;
import io.arrowraft.proto.pdpb.GetStoreRequest;
import io.arrowraft.proto.pdpb.GetStoreResponse;
import io.arrowraft.proto.pdpb.IsBootstrappedRequest;
import io.arrowraft.proto.pdpb.IsBootstrappedResponse;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.proto.pdpb.PutStoreRequest;
import io.arrowraft.proto.pdpb.PutStoreResponse;
import io.arrowraft.proto.pdpb.ReportBatchSplitRequest;
import io.arrowraft.proto.pdpb.ReportBatchSplitResponse;
import io.arrowraft.proto.pdpb.ResponseHeader;
import io.arrowraft.proto.pdpb.ScanRegionsRequest;
import io.arrowraft.proto.pdpb.ScanRegionsResponse;
import io.arrowraft.proto.pdpb.ScatterRegionRequest;
import io.arrowraft.proto.pdpb.ScatterRegionResponse;
import io.arrowraft.proto.pdpb.SplitRegionsRequest;
import io.arrowraft.proto.pdpb.SplitRegionsResponse;
import io.arrowraft.proto.pdpb.StoreHeartbeatRequest;
import io.arrowraft.proto.pdpb.StoreHeartbeatResponse;
import io.arrowraft.proto.pdpb.UpdateGCSafePointRequest;
import io.arrowraft.proto.pdpb.UpdateGCSafePointResponse;
import io.arrowraft.proto.pdpb.UpdateServiceGCSafePointRequest;
import io.arrowraft.proto.pdpb.UpdateServiceGCSafePointResponse;
import io.arrowraft.rpc.RpcMethods;

/** The unary calls of the placement driver. */
final class PdKinds {
  static final PdCalls.Kind<AllocIDRequest, AllocIDResponse> ALLOC_ID =
      new PdCalls.Kind<>(RpcMethods.of(PDGrpc.getAllocIDMethod()), AllocIDResponse::getHeader);

  static final PdCalls.Kind<GetRegionRequest, GetRegionResponse> GET_REGION =
      new PdCalls.Kind<>(RpcMethods.of(PDGrpc.getGetRegionMethod()), GetRegionResponse::getHeader);

  static final PdCalls.Kind<GetRegionRequest, GetRegionResponse> GET_PREV_REGION =
      new PdCalls.Kind<>(
          RpcMethods.of(PDGrpc.getGetPrevRegionMethod()), GetRegionResponse::getHeader);

  static final PdCalls.Kind<GetRegionByIDRequest, GetRegionResponse> GET_REGION_BY_ID =
      new PdCalls.Kind<>(
          RpcMethods.of(PDGrpc.getGetRegionByIDMethod()), GetRegionResponse::getHeader);

  static final PdCalls.Kind<ScanRegionsRequest, ScanRegionsResponse> SCAN_REGIONS =
      new PdCalls.Kind<>(
          RpcMethods.of(PDGrpc.getScanRegionsMethod()), ScanRegionsResponse::getHeader);

  static final PdCalls.Kind<GetStoreRequest, GetStoreResponse> GET_STORE =
      new PdCalls.Kind<>(RpcMethods.of(PDGrpc.getGetStoreMethod()), GetStoreResponse::getHeader);

  static final PdCalls.Kind<GetAllStoresRequest, GetAllStoresResponse> GET_ALL_STORES =
      new PdCalls.Kind<>(
          RpcMethods.of(PDGrpc.getGetAllStoresMethod()), GetAllStoresResponse::getHeader);

  static final PdCalls.Kind<IsBootstrappedRequest, IsBootstrappedResponse> IS_BOOTSTRAPPED =
      new PdCalls.Kind<>(
          RpcMethods.of(PDGrpc.getIsBootstrappedMethod()), IsBootstrappedResponse::getHeader);

  static final PdCalls.Kind<BootstrapRequest, BootstrapResponse> BOOTSTRAP =
      new PdCalls.Kind<>(
          RpcMethods.of(PDGrpc.getBootstrapMethod()),
          response -> withoutAlreadyBootstrapped(response.getHeader()));

  static final PdCalls.Kind<PutStoreRequest, PutStoreResponse> PUT_STORE =
      new PdCalls.Kind<>(RpcMethods.of(PDGrpc.getPutStoreMethod()), PutStoreResponse::getHeader);

  static final PdCalls.Kind<StoreHeartbeatRequest, StoreHeartbeatResponse> STORE_HEARTBEAT =
      new PdCalls.Kind<>(
          RpcMethods.of(PDGrpc.getStoreHeartbeatMethod()), StoreHeartbeatResponse::getHeader);

  static final PdCalls.Kind<AskBatchSplitRequest, AskBatchSplitResponse> ASK_BATCH_SPLIT =
      new PdCalls.Kind<>(
          RpcMethods.of(PDGrpc.getAskBatchSplitMethod()), AskBatchSplitResponse::getHeader);

  static final PdCalls.Kind<ReportBatchSplitRequest, ReportBatchSplitResponse> REPORT_BATCH_SPLIT =
      new PdCalls.Kind<>(
          RpcMethods.of(PDGrpc.getReportBatchSplitMethod()), ReportBatchSplitResponse::getHeader);

  static final PdCalls.Kind<ScatterRegionRequest, ScatterRegionResponse> SCATTER_REGION =
      new PdCalls.Kind<>(
          RpcMethods.of(PDGrpc.getScatterRegionMethod()), ScatterRegionResponse::getHeader);

  static final PdCalls.Kind<SplitRegionsRequest, SplitRegionsResponse> SPLIT_REGIONS =
      new PdCalls.Kind<>(
          RpcMethods.of(PDGrpc.getSplitRegionsMethod()), SplitRegionsResponse::getHeader);

  static final PdCalls.Kind<GetGCSafePointRequest, GetGCSafePointResponse> GET_GC_SAFE_POINT =
      new PdCalls.Kind<>(
          RpcMethods.of(PDGrpc.getGetGCSafePointMethod()), GetGCSafePointResponse::getHeader);

  static final PdCalls.Kind<UpdateGCSafePointRequest, UpdateGCSafePointResponse>
      UPDATE_GC_SAFE_POINT =
          new PdCalls.Kind<>(
              RpcMethods.of(PDGrpc.getUpdateGCSafePointMethod()),
              UpdateGCSafePointResponse::getHeader);

  static final PdCalls.Kind<UpdateServiceGCSafePointRequest, UpdateServiceGCSafePointResponse>
      UPDATE_SERVICE_GC_SAFE_POINT =
          new PdCalls.Kind<>(
              RpcMethods.of(PDGrpc.getUpdateServiceGCSafePointMethod()),
              UpdateServiceGCSafePointResponse::getHeader);

  static final PdCalls.Kind<RangeStatisticsRequest, RangeStatisticsResponse> RANGE_STATISTICS =
      new PdCalls.Kind<>(
          RpcMethods.of(StatisticsGrpc.getRangeStatisticsMethod()),
          RangeStatisticsResponse::getHeader);

  static final PdCalls.Kind<GcReport, GcProgress> REPORT_GARBAGE_COLLECTION =
      new PdCalls.Kind<>(
          RpcMethods.of(GarbageCollectionGrpc.getReportGarbageCollectionMethod()),
          GcProgress::getHeader);

  private PdKinds() {}

  /** That somebody else was first is an answer, not a failure. */
  private static ResponseHeader withoutAlreadyBootstrapped(ResponseHeader header) {
    return header.getError().getType() == ErrorType.ALREADY_BOOTSTRAPPED
        ? header.toBuilder().clearError().build()
        : header;
  }
}
