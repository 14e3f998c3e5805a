package io.arrowraft.client.fake;

import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Connections of one client, which can be cut as if the client had crashed. */
public final class DyingConnections implements RpcClient {
  private final FakeCluster cluster;
  private String lastMethod = "";
  private boolean dead;
  private long callsLeft = Long.MAX_VALUE;

  DyingConnections(FakeCluster cluster) {
    this.cluster = cluster;
  }

  /** Nothing that is sent after the first call of {@code method} arrives. */
  public void dieAtFirst(String method) {
    lastMethod = method;
  }

  /** The {@code n}th call still arrives, but its answer does not, and nothing does after it. */
  public void dieAfterCalls(long n) {
    callsLeft = n;
  }

  /** Whether that point was reached. */
  public boolean isDead() {
    return dead;
  }

  @Override
  public <Q, R> CompletableFuture<R> call(
      String address, RpcMethod<Q, R> method, Q request, Duration timeout) {
    dead |= method.name().equals(lastMethod);
    if (!dead && --callsLeft == 0) {
      dead = true;
      return cluster
          .call(address, method, request, timeout)
          .thenCompose(
              answer ->
                  CompletableFuture.failedFuture(new RpcException(RpcStatus.CANCELLED, "crashed")));
    }
    return dead
        ? CompletableFuture.failedFuture(new RpcException(RpcStatus.CANCELLED, "crashed"))
        : cluster.call(address, method, request, timeout);
  }

  @Override
  public <Q, R> RpcStream<Q> open(
      String address, RpcMethod<Q, R> method, Duration timeout, RpcReceiver<R> responses) {
    return cluster.open(address, method, timeout, responses);
  }
}
