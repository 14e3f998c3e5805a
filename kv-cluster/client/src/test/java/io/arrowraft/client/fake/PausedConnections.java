package io.arrowraft.client.fake;

import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/**
 * Connections of one client whose calls can be held up, as by a process that stands still: what it
 * was about to send leaves when it goes on.
 */
public final class PausedConnections implements RpcClient {
  private final FakeCluster cluster;
  private final Queue<Runnable> held = new ArrayDeque<>();
  private String pauseAt = "";
  private boolean paused;

  PausedConnections(FakeCluster cluster) {
    this.cluster = cluster;
  }

  /** Holds up the next call of {@code method} and all after it. */
  public void pauseAt(String method) {
    pauseAt = method;
  }

  public boolean isPaused() {
    return paused;
  }

  /** Sends what was held up. */
  public void goOn() {
    paused = false;
    pauseAt = "";
    while (!held.isEmpty()) {
      held.remove().run();
    }
  }

  @Override
  public <Q, R> CompletableFuture<R> call(
      String address, RpcMethod<Q, R> method, Q request, Duration timeout) {
    paused |= method.name().equals(pauseAt);
    if (!paused) {
      return cluster.call(address, method, request, timeout);
    }
    CompletableFuture<R> answer = new CompletableFuture<>();
    held.add(
        () ->
            cluster
                .call(address, method, request, timeout)
                .whenComplete(
                    (response, failure) -> {
                      if (failure == null) {
                        answer.complete(response);
                      } else {
                        answer.completeExceptionally(failure);
                      }
                    }));
    return answer;
  }

  @Override
  public <Q, R> RpcStream<Q> open(
      String address, RpcMethod<Q, R> method, Duration timeout, RpcReceiver<R> responses) {
    return cluster.open(address, method, timeout, responses);
  }
}
