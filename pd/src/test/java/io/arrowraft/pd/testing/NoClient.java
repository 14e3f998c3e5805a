package io.arrowraft.pd.testing;

import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Reaches nobody: for a member without others. */
public final class NoClient implements RpcClient {
  @Override
  public <Q, R> CompletableFuture<R> call(
      String address, RpcMethod<Q, R> method, Q request, Duration timeout) {
    return CompletableFuture.failedFuture(nobody(address));
  }

  @Override
  public <Q, R> RpcStream<Q> open(
      String address, RpcMethod<Q, R> method, Duration timeout, RpcReceiver<R> responses) {
    throw nobody(address);
  }

  private static RpcException nobody(String address) {
    return new RpcException(RpcStatus.UNAVAILABLE, "nothing listens at " + address);
  }
}
