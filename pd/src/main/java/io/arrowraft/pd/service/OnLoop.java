package io.arrowraft.pd.service;

import io.arrowraft.runtime.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Runs the work of requests on the loop; whatever it throws fails the answer, not the loop. */
public final class OnLoop {
  private final EventLoop loop;

  public OnLoop(EventLoop loop) {
    this.loop = loop;
  }

  /**
   * Runs work.
   *
   * @return fails as the caller of an RPC should see it
   */
  public <R> CompletableFuture<R> run(Supplier<CompletionStage<R>> work) {
    CompletableFuture<R> answer = new CompletableFuture<>();
    loop.execute(
        () -> {
          CompletionStage<R> stage;
          try {
            stage = work.get();
          } catch (RuntimeException refused) {
            answer.completeExceptionally(Headers.wire(refused));
            return;
          }
          stage.whenComplete(
              (value, failure) -> {
                if (failure == null) {
                  answer.complete(value);
                } else {
                  answer.completeExceptionally(Headers.wire(failure));
                }
              });
        });
    return answer;
  }
}
