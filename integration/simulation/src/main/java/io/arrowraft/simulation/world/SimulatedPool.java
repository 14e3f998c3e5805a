package io.arrowraft.simulation.world;

import io.arrowraft.runtime.WorkerPool;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;

/** A worker pool whose tasks run in any order, each at a moment of the world's choice. */
final class SimulatedPool implements WorkerPool, Stallable {
  private final SimulatedNode node;
  private final int life;
  private final String name;
  private final int queueMax;
  private int waiting;
  private long stalledUntilNanos;

  SimulatedPool(SimulatedNode node, int life, String name, int queueMax) {
    this.node = node;
    this.life = life;
    this.name = name;
    this.queueMax = queueMax;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void stallUntil(long nanos) {
    stalledUntilNanos = Math.max(stalledUntilNanos, nanos);
  }

  @Override
  public void execute(Runnable task) {
    if (waiting >= queueMax) {
      throw new RejectedExecutionException(
          "pool " + name + " is full: " + queueMax + " tasks wait");
    }
    waiting++;
    SimulatedWorld world = node.world();
    long at =
        world.nowNanos()
            + world.delayBetween(Duration.ZERO, world.options().taskDelayMax().multipliedBy(4));
    world.schedule(Math.max(at, stalledUntilNanos), node, life, () -> run(task));
  }

  private void run(Runnable task) {
    SimulatedWorld world = node.world();
    if (stalledUntilNanos > world.nowNanos()) {
      world.schedule(stalledUntilNanos, node, life, () -> run(task));
      return;
    }
    waiting--;
    task.run();
  }
}
