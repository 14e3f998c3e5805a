package io.arrowraft.pd.service;

import io.arrowraft.pd.region.ReportOutcome;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.PdResult;
import io.arrowraft.proto.metapb.Cluster;
import io.arrowraft.proto.pdpb.AllocIDRequest;
import io.arrowraft.proto.pdpb.AllocIDResponse;
import io.arrowraft.proto.pdpb.BootstrapRequest;
import io.arrowraft.proto.pdpb.BootstrapResponse;
import io.arrowraft.proto.pdpb.ErrorType;
import io.arrowraft.proto.pdpb.GetClusterConfigRequest;
import io.arrowraft.proto.pdpb.GetClusterConfigResponse;
import io.arrowraft.proto.pdpb.IsBootstrappedRequest;
import io.arrowraft.proto.pdpb.IsBootstrappedResponse;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.proto.pdpb.PutClusterConfigRequest;
import io.arrowraft.proto.pdpb.PutClusterConfigResponse;
import io.arrowraft.proto.pdpb.ResponseHeader;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The cluster as a whole: bootstrap, ids, configuration. */
final class ClusterHandlers {
  /** Ids that one request may ask for. */
  private static final int IDS_MAX = 10_000;

  private final LeaderState leader;

  ClusterHandlers(LeaderState leader) {
    this.leader = leader;
  }

  void bind(Bindings bindings) {
    bindings.always(
        PDGrpc.getIsBootstrappedMethod(),
        IsBootstrappedRequest::getHeader,
        (request, ok, call) ->
            CompletableFuture.completedFuture(
                IsBootstrappedResponse.newBuilder()
                    .setHeader(ok)
                    .setBootstrapped(leader.state().bootstrapped())
                    .build()));
    bindings.always(
        PDGrpc.getBootstrapMethod(),
        BootstrapRequest::getHeader,
        (request, ok, call) -> bootstrap(request, ok));
    bindings.always(
        PDGrpc.getAllocIDMethod(),
        AllocIDRequest::getHeader,
        (request, ok, call) -> allocate(request, ok));
    bindings.bootstrapped(
        PDGrpc.getGetClusterConfigMethod(),
        GetClusterConfigRequest::getHeader,
        header -> GetClusterConfigResponse.newBuilder().setHeader(header).build(),
        (request, ok, call) ->
            CompletableFuture.completedFuture(
                GetClusterConfigResponse.newBuilder()
                    .setHeader(ok)
                    .setCluster(
                        leader
                            .state()
                            .cluster()
                            .orElseGet(() -> Cluster.newBuilder().setId(ok.getClusterId()).build()))
                    .build()));
    bindings.bootstrapped(
        PDGrpc.getPutClusterConfigMethod(),
        PutClusterConfigRequest::getHeader,
        header -> PutClusterConfigResponse.newBuilder().setHeader(header).build(),
        (request, ok, call) ->
            leader
                .log()
                .propose(
                    new PdCommand.PutClusterConfig(
                        request.getCluster().toBuilder().setId(ok.getClusterId()).build()))
                .thenApply(done -> PutClusterConfigResponse.newBuilder().setHeader(ok).build()));
  }

  private CompletionStage<BootstrapResponse> bootstrap(
      BootstrapRequest request, ResponseHeader ok) {
    if (request.getStore().getId() == 0 || request.getRegion().getId() == 0) {
      throw new RpcException(
          RpcStatus.INVALID_ARGUMENT, "bootstrap needs a store and a region with their ids");
    }
    if (request.getRegion().getPeersCount() != 1
        || request.getRegion().getPeers(0).getStoreId() != request.getStore().getId()) {
      throw new RpcException(
          RpcStatus.INVALID_ARGUMENT, "the first region has one peer, on the first store");
    }
    return leader
        .log()
        .propose(new PdCommand.BootstrapCluster(request.getStore(), request.getRegion()))
        .thenApply(
            result -> {
              ResponseHeader header = ok;
              if (result instanceof PdResult.Done) {
                ReportOutcome placed = leader.regions().reshape(request.getRegion(), 0);
                if (placed instanceof ReportOutcome.Stale stale) {
                  throw new IllegalStateException("first region was refused: " + stale.reason());
                }
              } else if (result instanceof PdResult.AlreadyBootstrapped) {
                header =
                    Headers.error(
                        ok.getClusterId(),
                        ErrorType.ALREADY_BOOTSTRAPPED,
                        "cluster is already bootstrapped");
              } else if (result instanceof PdResult.Rejected rejected) {
                header = Headers.error(ok.getClusterId(), ErrorType.UNKNOWN, rejected.reason());
              }
              return BootstrapResponse.newBuilder().setHeader(header).build();
            });
  }

  private CompletionStage<AllocIDResponse> allocate(AllocIDRequest request, ResponseHeader ok) {
    int count = Math.max(1, request.getCount());
    if (count > IDS_MAX) {
      throw new RpcException(
          RpcStatus.INVALID_ARGUMENT, "asked for " + count + " ids, at most " + IDS_MAX);
    }
    return leader
        .ids()
        .next(count)
        .thenApply(
            last -> AllocIDResponse.newBuilder().setHeader(ok).setId(last).setCount(count).build());
  }
}
