package io.arrowraft.runtime;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/** Operations on futures that keep to the rules of this package: named executors, injected time. */
public final class Async {
  private Async() {}

  /**
   * A future that follows {@code stage} but fails with {@code onTimeout} if that takes longer than
   * {@code timeout}. The underlying work goes on; whoever can cancel it does so in {@code
   * onTimeout}.
   */
  public static <T> CompletableFuture<T> within(
      CompletionStage<T> stage,
      Duration timeout,
      EventLoop timers,
      Supplier<? extends Throwable> onTimeout) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Timer timer =
        timers.schedule(
            timeout,
            () -> {
              if (!result.isDone()) {
                result.completeExceptionally(onTimeout.get());
              }
            });
    stage.whenComplete(
        (value, failure) -> {
          timer.cancel();
          settle(result, value, failure);
        });
    return result;
  }

  /** A future that follows {@code stage} and whose dependants run on {@code executor}. */
  public static <T> CompletableFuture<T> on(
      java.util.concurrent.Executor executor, CompletionStage<T> stage) {
    CompletableFuture<T> result = new CompletableFuture<>();
    stage.whenComplete((value, failure) -> executor.execute(() -> settle(result, value, failure)));
    return result;
  }

  /**
   * Completes {@code target} as told, with the cause of a {@link CompletionException} instead of
   * the wrapper.
   */
  public static <T> void settle(CompletableFuture<T> target, T value, Throwable failure) {
    if (failure == null) {
      target.complete(value);
    } else {
      target.completeExceptionally(cause(failure));
    }
  }

  /** The failure itself, without the wrappers that futures put around it. */
  public static Throwable cause(Throwable failure) {
    Throwable current = failure;
    while ((current instanceof CompletionException || current instanceof ExecutionException)
        && current.getCause() != null) {
      current = current.getCause();
    }
    return current;
  }
}
