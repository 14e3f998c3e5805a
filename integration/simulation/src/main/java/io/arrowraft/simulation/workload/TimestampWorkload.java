package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.simulation.check.TimestampHistory;
import io.arrowraft.simulation.check.Violation;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** Asks the placement driver for timestamps, and nothing else of anybody. */
public final class TimestampWorkload implements Workload {
  private final TimestampHistory history = new TimestampHistory();

  @Override
  public String name() {
    return "timestamps";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return ask(client);
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    return ask(client);
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    return ask(client);
  }

  @Override
  public List<Violation> check() {
    return history.check();
  }

  private CompletableFuture<Void> ask(ArrowraftClient client) {
    long highestBefore = history.highest();
    return client
        .timestamp()
        .thenAccept(timestamp -> history.given(timestamp.value(), highestBefore));
  }
}
