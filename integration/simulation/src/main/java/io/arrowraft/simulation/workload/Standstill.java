package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.pd.client.Timestamp;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Tells whether the placement driver's time stands still. Each of its crashes moves it ahead, and
 * after many it waits for the clock for minutes; what waits for its time takes as long as that.
 */
final class Standstill {
  private Optional<Timestamp> before = Optional.empty();

  /** Takes two attempts, of which the first fails: the time between them is the measure. */
  CompletableFuture<Boolean> look(ArrowraftClient client) {
    return client
        .timestamp()
        .thenApply(
            now -> {
              Optional<Timestamp> earlier = before;
              before = earlier.isPresent() ? Optional.empty() : Optional.of(now);
              if (earlier.isEmpty()) {
                throw new IllegalStateException("the time has been asked for only once");
              }
              return earlier.get().physicalMillis() == now.physicalMillis();
            });
  }
}
