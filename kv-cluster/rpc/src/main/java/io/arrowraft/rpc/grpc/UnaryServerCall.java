package io.arrowraft.rpc.grpc;

import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcService;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Serves one unary method. */
final class UnaryServerCall<Q, R> implements ServerCallHandler<Q, R> {
  private final RpcService.UnaryHandler<Q, R> handler;
  private final TimeSource time;

  UnaryServerCall(RpcService.UnaryHandler<Q, R> handler, TimeSource time) {
    this.handler = handler;
    this.time = time;
  }

  @Override
  public ServerCall.Listener<Q> startCall(ServerCall<Q, R> call, Metadata headers) {
    GrpcCall context = new GrpcCall(call, headers, time);
    // Two, so that the end of the request direction is seen without another round.
    call.request(2);
    return new ServerCall.Listener<>() {
      private Q request;

      @Override
      public void onMessage(Q message) {
        request = message;
      }

      @Override
      public void onHalfClose() {
        if (request == null) {
          call.close(
              Status.INVALID_ARGUMENT.withDescription("the call ended without a request"),
              new Metadata());
          return;
        }
        invoke(request, context).whenComplete((answer, failure) -> answer(call, answer, failure));
      }

      @Override
      public void onCancel() {
        context.cancel();
      }
    };
  }

  private CompletionStage<R> invoke(Q request, GrpcCall context) {
    try {
      return handler.handle(request, context);
    } catch (RuntimeException failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  private void answer(ServerCall<Q, R> call, R answer, Throwable failure) {
    if (call.isCancelled()) {
      return;
    }
    if (failure != null) {
      call.close(Statuses.toStatus(Async.cause(failure)), new Metadata());
      return;
    }
    call.sendHeaders(new Metadata());
    call.sendMessage(answer);
    call.close(Status.OK, new Metadata());
  }
}
