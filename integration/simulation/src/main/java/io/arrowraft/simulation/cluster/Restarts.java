package io.arrowraft.simulation.cluster;

import io.arrowraft.simulation.world.SimulatedWorld;
import java.time.Duration;

/** Whoever watches over processes, and starts again what has stopped by itself. */
final class Restarts {
  private static final Duration AFTER = Duration.ofMillis(700);

  private Restarts() {}

  /** Ends a process that its fault handler wants ended, and starts another one later. */
  static void stopAndStartAgain(SimulatedWorld world, SimulatedMachine machine) {
    if (machine.node().isUp()) {
      machine.crash(true);
      world.at(
          AFTER,
          () -> {
            if (!machine.node().isUp()) {
              machine.start();
            }
          });
    }
  }
}
