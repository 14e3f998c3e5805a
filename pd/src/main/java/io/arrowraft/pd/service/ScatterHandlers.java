package io.arrowraft.pd.service;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.Progress;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.proto.pdpb.ErrorType;
import io.arrowraft.proto.pdpb.GetOperatorRequest;
import io.arrowraft.proto.pdpb.GetOperatorResponse;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.proto.pdpb.ResponseHeader;
import io.arrowraft.proto.pdpb.ScatterRegionRequest;
import io.arrowraft.proto.pdpb.ScatterRegionResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Spreading regions on request, and what became of it. */
final class ScatterHandlers {
  private final LeaderState leader;

  ScatterHandlers(LeaderState leader) {
    this.leader = leader;
  }

  void bind(Bindings bindings) {
    bindings.bootstrapped(
        PDGrpc.getScatterRegionMethod(),
        ScatterRegionRequest::getHeader,
        header -> ScatterRegionResponse.newBuilder().setHeader(header).build(),
        (request, ok, call) -> CompletableFuture.completedFuture(scatter(request, ok)));
    bindings.bootstrapped(
        PDGrpc.getGetOperatorMethod(),
        GetOperatorRequest::getHeader,
        header -> GetOperatorResponse.newBuilder().setHeader(header).build(),
        (request, ok, call) ->
            CompletableFuture.completedFuture(operator(request.getRegionId(), ok)));
  }

  @SuppressWarnings("deprecation") // Older clients name one region in the old field.
  private ScatterRegionResponse scatter(ScatterRegionRequest request, ResponseHeader ok) {
    List<Long> ids = new ArrayList<>(request.getRegionsIdList());
    if (ids.isEmpty()) {
      ids.add(request.getRegionId() != 0 ? request.getRegionId() : request.getRegion().getId());
    }
    List<Long> failed = new ArrayList<>();
    for (long id : ids) {
      Optional<RegionInfo> region = leader.regions().find(id);
      if (region.isEmpty() && ids.size() == 1) {
        return ScatterRegionResponse.newBuilder()
            .setHeader(
                Headers.error(
                    ok.getClusterId(), ErrorType.REGION_NOT_FOUND, "region " + id + " not found"))
            .build();
      }
      if (region.isEmpty() || !leader.scatter(region.get(), request.getGroup())) {
        failed.add(id);
      }
    }
    return ScatterRegionResponse.newBuilder()
        .setHeader(ok)
        .addAllFailedRegionsId(failed)
        .setFinishedPercentage(100L * (ids.size() - failed.size()) / ids.size())
        .build();
  }

  private GetOperatorResponse operator(long regionId, ResponseHeader ok) {
    Optional<Progress> progress = leader.board().progress(regionId);
    if (progress.isEmpty()) {
      return GetOperatorResponse.newBuilder()
          .setHeader(
              Headers.error(
                  ok.getClusterId(),
                  ErrorType.REGION_NOT_FOUND,
                  "no operator is known for region " + Long.toUnsignedString(regionId)))
          .build();
    }
    Operator operator = progress.get().operator();
    return GetOperatorResponse.newBuilder()
        .setHeader(ok)
        .setRegionId(regionId)
        .setDesc(ByteString.copyFromUtf8(operator.description()))
        .setKind(ByteString.copyFromUtf8(operator.kindText()))
        .setStatus(progress.get().status())
        .build();
  }
}
