package io.arrowraft.coprocessor.read;

import io.arrowraft.runtime.threads.Blocking;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** How the thread that pulls waits: asleep, or, in a simulation, by letting the others go on. */
public interface Waiting {
  /** On threads. */
  Waiting ASLEEP =
      new Waiting() {
        @Override
        public <T> T await(
            CompletionStage<T> stage,
            Duration bound,
            Supplier<? extends RuntimeException> onTimeout) {
          return Blocking.await(stage, bound, onTimeout);
        }

        @Override
        public void until(BooleanSupplier arrived, Object monitor, Duration bound)
            throws InterruptedException {
          long left = bound.toNanos();
          while (!arrived.getAsBoolean() && left > 0) {
            // The wait may end early for no reason; that shortens the bound only on paper.
            long slice = Math.min(left, TimeUnit.MILLISECONDS.toNanos(100));
            TimeUnit.NANOSECONDS.timedWait(monitor, slice);
            left -= slice;
          }
        }
      };

  /**
   * The stage's result, or its own failure.
   *
   * @param onTimeout what to throw if {@code bound} passes first
   */
  <T> T await(
      CompletionStage<T> stage, Duration bound, Supplier<? extends RuntimeException> onTimeout);

  /**
   * Waits until something has arrived, or the bound has passed.
   *
   * @param monitor held by the caller; notified when the condition may have come true
   */
  void until(BooleanSupplier arrived, Object monitor, Duration bound) throws InterruptedException;
}
