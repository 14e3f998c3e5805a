package io.arrowraft.simulation.cluster;

import io.arrowraft.simulation.world.SimulatedNode;
import io.arrowraft.simulation.world.SimulatedWorld;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** Whoever watches over processes, and starts again what has stopped by itself. */
final class Restarts {
  private static final Duration AFTER = Duration.ofMillis(700);

  /** A process that has not stopped by itself is ended. */
  private static final Duration STOP_MAX = Duration.ofSeconds(10);

  private Restarts() {}

  /** Starts a process again once it has stopped, at the latest when its time to stop is up. */
  static void startAgainAfter(
      CompletableFuture<Void> stopped, SimulatedWorld world, SimulatedMachine machine) {
    Runnable end = once(() -> endAndStartAgain(world, machine, false), machine.node());
    stopped.whenComplete((none, failure) -> world.at(Duration.ZERO, end));
    world.at(STOP_MAX, end);
  }

  /** Not if the process has died meanwhile, or has been ended. */
  private static Runnable once(Runnable end, SimulatedNode node) {
    BooleanSupplier lives = node.presentLife();
    return () -> {
      if (lives.getAsBoolean()) {
        end.run();
      }
    };
  }

  /** Ends a process that its fault handler wants ended, and starts another one later. */
  static void stopAndStartAgain(SimulatedWorld world, SimulatedMachine machine) {
    endAndStartAgain(world, machine, true);
  }

  private static void endAndStartAgain(
      SimulatedWorld world, SimulatedMachine machine, boolean losesPower) {
    if (machine.node().isUp()) {
      machine.crash(losesPower);
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
