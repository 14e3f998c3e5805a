package io.arrowraft.simulation.world;

import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.Timer;
import java.time.Duration;

/**
 * An event loop whose tasks are events of the world: in order, each a little later than it was
 * given.
 */
final class SimulatedLoop implements EventLoop {
  private final SimulatedNode node;
  private final int life;
  private final String name;
  private long lastTaskNanos;

  SimulatedLoop(SimulatedNode node, int life, String name) {
    this.node = node;
    this.life = life;
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void execute(Runnable task) {
    SimulatedWorld world = node.world();
    long at = world.nowNanos() + world.delayBetween(Duration.ZERO, world.options().taskDelayMax());
    // Never before a task given earlier.
    lastTaskNanos = Math.max(lastTaskNanos, at);
    world.schedule(lastTaskNanos, node, life, () -> world.enter(this, task));
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    SimulatedWorld world = node.world();
    long due = node.toWorldNanos(delay);
    SimulatedWorld.Event event =
        world.schedule(world.nowNanos() + due, node, life, () -> world.enter(this, task));
    return event::cancel;
  }

  @Override
  public boolean inLoop() {
    return node.world().currentLoop() == this;
  }
}
