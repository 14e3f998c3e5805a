package io.arrowraft.runtime.rpc;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Calls other nodes. Safe for use by any thread. */
public interface RpcClient {
  /**
   * A call with one request and one response.
   *
   * @param address {@code host:port}
   * @param timeout after which the call fails with {@link RpcStatus#DEADLINE_EXCEEDED}
   * @return fails with an {@link RpcException}; cancelling it cancels the call
   */
  <Q, R> CompletableFuture<R> call(
      String address, RpcMethod<Q, R> method, Q request, Duration timeout);

  /**
   * Opens a stream. Nothing is delivered before {@link RpcStream#request}.
   *
   * @param address {@code host:port}
   * @param timeout of the whole stream; {@link Duration#ZERO} for a stream that lives as long as
   *     both nodes
   * @param responses takes what the server sends
   */
  <Q, R> RpcStream<Q> open(
      String address, RpcMethod<Q, R> method, Duration timeout, RpcReceiver<R> responses);
}
