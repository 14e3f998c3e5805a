package io.arrowraft.simulation.workload;

import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Async;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Timestamps at which something was read, to read it there again. Those that garbage collection has
 * passed are forgotten.
 */
final class Remembered {
  private static final int MOST = 32;

  private final List<Timestamp> timestamps = new ArrayList<>();

  void add(Timestamp timestamp) {
    if (timestamps.size() == MOST) {
      timestamps.remove(0);
    }
    timestamps.add(timestamp);
  }

  Optional<Timestamp> any(RandomGenerator random) {
    return timestamps.isEmpty()
        ? Optional.empty()
        : Optional.of(timestamps.get(random.nextInt(timestamps.size())));
  }

  /** Reads at one of them; a reading that comes too late fails, and is not tried again. */
  CompletableFuture<Void> readAt(
      Timestamp timestamp, Function<Timestamp, CompletableFuture<Void>> reading) {
    return reading
        .apply(timestamp)
        .whenComplete(
            (done, failure) -> {
              if (failure != null
                  && Async.cause(failure) instanceof ArrowraftException refused
                  && refused.code() == ErrorCode.TIMESTAMP_TOO_OLD) {
                timestamps.remove(timestamp);
              }
            });
  }
}
