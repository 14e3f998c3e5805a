package io.arrowraft.runtime.threads;

import io.arrowraft.runtime.Async;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * The edge where a thread of the user waits for an asynchronous result. Never called from a loop.
 */
public final class Blocking {
  private Blocking() {}

  /**
   * Waits for {@code stage}.
   *
   * @param onTimeout what to throw if {@code bound} passes first
   * @throws RuntimeException the stage's own failure, with this call's stack added as suppressed
   */
  public static <T> T await(
      CompletionStage<T> stage, Duration bound, Supplier<? extends RuntimeException> onTimeout) {
    try {
      return stage.toCompletableFuture().get(bound.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException failed) {
      Throwable cause = Async.cause(failed);
      cause.addSuppressed(new WaitedHere());
      if (cause instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(cause.getMessage(), cause);
    } catch (TimeoutException late) {
      throw onTimeout.get();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new java.util.concurrent.CancellationException("interrupted while waiting");
    }
  }

  /** Marks in a stack trace which caller waited for the failed work. */
  private static final class WaitedHere extends Exception {
    private static final long serialVersionUID = 1L;

    WaitedHere() {
      super("waited for here");
    }
  }
}
