package io.arrowraft.pd.service;

import io.arrowraft.proto.pdpb.ErrorType;
import io.arrowraft.proto.pdpb.RequestHeader;
import io.arrowraft.proto.pdpb.ResponseHeader;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.runtime.rpc.RpcService;
import io.grpc.MethodDescriptor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Puts the checks that all requests share in front of their handlers, and both on the loop. */
final class Bindings {

  /** Answers one request; runs on the loop. */
  @FunctionalInterface
  interface Handler<Q, R> {
    CompletionStage<R> handle(Q request, ResponseHeader ok, RpcCall call);
  }

  private final RpcService.Builder service;
  private final LeaderState leader;
  private final EventLoop loop;

  Bindings(RpcService.Builder service, LeaderState leader, EventLoop loop) {
    this.service = service;
    this.leader = leader;
    this.loop = loop;
  }

  RpcService.Builder service() {
    return service;
  }

  LeaderState leader() {
    return leader;
  }

  EventLoop loop() {
    return loop;
  }

  /** A method that is served from the first start on. */
  <Q, R> void always(
      MethodDescriptor<Q, R> method, Function<Q, RequestHeader> header, Handler<Q, R> handler) {
    service.unary(
        RpcMethods.of(method),
        (request, call) ->
            onLoop(
                () -> {
                  Headers.require(leader, header.apply(request));
                  return handler.handle(request, Headers.ok(leader.state().clusterId()), call);
                }));
  }

  /**
   * A method that needs a bootstrapped cluster.
   *
   * @param refusal a response with nothing but a header
   */
  <Q, R> void bootstrapped(
      MethodDescriptor<Q, R> method,
      Function<Q, RequestHeader> header,
      Function<ResponseHeader, R> refusal,
      Handler<Q, R> handler) {
    always(
        method,
        header,
        (request, ok, call) ->
            leader.state().bootstrapped()
                ? handler.handle(request, ok, call)
                : CompletableFuture.completedFuture(
                    refusal.apply(
                        Headers.error(
                            ok.getClusterId(),
                            ErrorType.NOT_BOOTSTRAPPED,
                            "cluster is not bootstrapped"))));
  }

  /** Runs {@code work} on the loop; whatever it throws fails the answer, not the loop. */
  <R> CompletableFuture<R> onLoop(java.util.function.Supplier<CompletionStage<R>> work) {
    return new OnLoop(loop).run(work);
  }
}
