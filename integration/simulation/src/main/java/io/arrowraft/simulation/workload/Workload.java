package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.simulation.check.Violation;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** One kind of work of clients, with the history of what they saw. */
public interface Workload {
  String name();

  /** Writes what must be there first. Asked again if it fails. */
  CompletableFuture<Void> prepare(ArrowraftClient client);

  /**
   * One operation of one session. Fails as the client's call fails; the history has been told by
   * then.
   */
  CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random);

  /** Reads everything once more, after the faults. */
  CompletableFuture<Void> readAll(ArrowraftClient client);

  /** What the history breaks; empty if nothing. */
  List<Violation> check();
}
