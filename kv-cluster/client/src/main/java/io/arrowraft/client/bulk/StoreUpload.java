package io.arrowraft.client.bulk;

import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Sends one stream of messages to one store, as fast as it takes them. On the client's loop. */
final class StoreUpload<Q, R> {
  private final EventLoop loop;
  private final List<Q> messages;
  private final CompletableFuture<R> answer = new CompletableFuture<>();
  private RpcStream<Q> stream;
  private int sent;
  private boolean completed;

  StoreUpload(EventLoop loop, List<Q> messages) {
    this.loop = loop;
    this.messages = messages;
  }

  /**
   * @return the store's answer, on the loop; fails with {@link RpcException}
   */
  CompletableFuture<R> run(RpcClient rpc, String address, ImportKind<Q, R> kind, Duration timeout) {
    stream =
        rpc.open(
            address,
            kind.method(),
            timeout,
            new RpcReceiver<R>() {
              @Override
              public void onMessage(R message) {
                loop.run(() -> answer.complete(message));
              }

              @Override
              public void onComplete() {
                loop.run(
                    () ->
                        answer.completeExceptionally(
                            new RpcException(
                                RpcStatus.INTERNAL, "the stream ended without an answer")));
              }

              @Override
              public void onError(RpcException failure) {
                loop.run(() -> answer.completeExceptionally(failure));
              }

              @Override
              public void onReady() {
                loop.execute(StoreUpload.this::advance);
              }
            });
    stream.request(1);
    advance();
    return answer;
  }

  private void advance() {
    if (stream == null || answer.isDone()) {
      return;
    }
    while (sent < messages.size() && stream.isReady()) {
      stream.send(messages.get(sent++));
    }
    if (sent == messages.size() && !completed) {
      completed = true;
      stream.complete();
    }
  }

  /** Gives up; without effect on a stream that has ended. */
  void cancel() {
    if (stream != null && !answer.isDone()) {
      stream.fail(new RpcException(RpcStatus.CANCELLED, "the import gave this stream up"));
    }
  }
}
