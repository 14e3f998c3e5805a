package io.arrowraft.pd.service;

import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.PdResult;
import io.arrowraft.pd.state.ServiceHold;
import io.arrowraft.proto.pdpb.GetGCSafePointRequest;
import io.arrowraft.proto.pdpb.GetGCSafePointResponse;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.proto.pdpb.ResponseHeader;
import io.arrowraft.proto.pdpb.UpdateGCSafePointRequest;
import io.arrowraft.proto.pdpb.UpdateGCSafePointResponse;
import io.arrowraft.proto.pdpb.UpdateServiceGCSafePointRequest;
import io.arrowraft.proto.pdpb.UpdateServiceGCSafePointResponse;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** How far back versions are kept, and who holds them. */
final class SafePointHandlers {
  private final LeaderState leader;
  private final TimeSource time;

  SafePointHandlers(LeaderState leader, TimeSource time) {
    this.leader = leader;
    this.time = time;
  }

  void bind(Bindings bindings) {
    bindings.bootstrapped(
        PDGrpc.getGetGCSafePointMethod(),
        GetGCSafePointRequest::getHeader,
        header -> GetGCSafePointResponse.newBuilder().setHeader(header).build(),
        (request, ok, call) ->
            CompletableFuture.completedFuture(
                GetGCSafePointResponse.newBuilder()
                    .setHeader(ok)
                    .setSafePoint(leader.state().safePoint())
                    .build()));
    bindings.bootstrapped(
        PDGrpc.getUpdateGCSafePointMethod(),
        UpdateGCSafePointRequest::getHeader,
        header -> UpdateGCSafePointResponse.newBuilder().setHeader(header).build(),
        (request, ok, call) ->
            leader
                .log()
                .propose(new PdCommand.AdvanceSafePoint(request.getSafePoint()))
                .thenApply(
                    result ->
                        UpdateGCSafePointResponse.newBuilder()
                            .setHeader(ok)
                            .setNewSafePoint(
                                result instanceof PdResult.SafePoint now
                                    ? now.safePoint()
                                    : leader.state().safePoint())
                            .build()));
    bindings.bootstrapped(
        PDGrpc.getUpdateServiceGCSafePointMethod(),
        UpdateServiceGCSafePointRequest::getHeader,
        header -> UpdateServiceGCSafePointResponse.newBuilder().setHeader(header).build(),
        (request, ok, call) -> hold(request, ok));
  }

  private CompletionStage<UpdateServiceGCSafePointResponse> hold(
      UpdateServiceGCSafePointRequest request, ResponseHeader ok) {
    if (request.getServiceId().isEmpty()) {
      throw new RpcException(RpcStatus.INVALID_ARGUMENT, "a safe point is held by a named service");
    }
    long now = time.wallMillis() / 1000;
    long ttl = request.getTTL();
    long expiresAt = ttl <= 0 ? 0 : ttl > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + ttl;
    return leader
        .log()
        .propose(
            new PdCommand.HoldSafePoint(
                request.getServiceId(), request.getSafePoint(), expiresAt, now))
        .thenApply(
            result -> {
              if (!(result instanceof PdResult.LowestHold lowest)) {
                throw new IllegalStateException("unexpected result " + result);
              }
              ServiceHold hold = lowest.hold();
              return UpdateServiceGCSafePointResponse.newBuilder()
                  .setHeader(ok)
                  .setServiceId(hold.service())
                  .setTTL(
                      hold.expiresAt() == Long.MAX_VALUE ? Long.MAX_VALUE : hold.expiresAt() - now)
                  .setMinSafePoint(hold.safePoint())
                  .build();
            });
  }
}
