package io.arrowraft.e2e;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waits for what comes about in other processes, where there is nothing to be told by. */
public final class Bounded {
  private static final long LOOK_AGAIN_MILLIS = 50;

  private Bounded() {}

  /**
   * Asks {@code complaint} again and again until it has none.
   *
   * @throws IllegalStateException with the last complaint, if there is still one after {@code
   *     bound}
   */
  public static void awaitNo(String what, Duration bound, Supplier<Optional<String>> complaint) {
    // Never counted down: it only paces the looks.
    CountDownLatch pace = new CountDownLatch(1);
    long end = System.nanoTime() + bound.toNanos();
    Optional<String> last = complaint.get();
    try {
      while (last.isPresent()) {
        if (System.nanoTime() > end) {
          throw new IllegalStateException(
              what + " has not come about within " + bound + ": " + last.get());
        }
        if (pace.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
          throw new IllegalStateException("nobody ends the pace");
        }
        last = complaint.get();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + what, interrupted);
    }
  }
}
