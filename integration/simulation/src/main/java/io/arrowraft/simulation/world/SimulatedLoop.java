package io.arrowraft.simulation.world;

import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.Timer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * An event loop whose tasks are events of the world: in order, each a little later than it was
 * given, and none while an earlier one takes its time.
 */
final class SimulatedLoop implements EventLoop, Stallable {
  private final SimulatedNode node;
  private final int life;
  private final String name;
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private long lastTaskNanos;
  private long stalledUntilNanos;

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
  public void stallUntil(long nanos) {
    stalledUntilNanos = Math.max(stalledUntilNanos, nanos);
  }

  @Override
  public void execute(Runnable task) {
    SimulatedWorld world = node.world();
    long at = world.nowNanos() + world.delayBetween(Duration.ZERO, world.options().taskDelayMax());
    // Never before a task given earlier.
    lastTaskNanos = Math.max(lastTaskNanos, Math.max(at, stalledUntilNanos));
    tasks.add(task);
    world.schedule(lastTaskNanos, node, life, this::runNext);
  }

  /** One of these events is on its way for each task. */
  private void runNext() {
    SimulatedWorld world = node.world();
    if (stalledUntilNanos > world.nowNanos()) {
      world.schedule(stalledUntilNanos, node, life, this::runNext);
      return;
    }
    world.enter(this, tasks.remove());
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    SimulatedWorld world = node.world();
    long due = node.toWorldNanos(delay);
    DueTask timer = new DueTask(task);
    SimulatedWorld.Event event = world.schedule(world.nowNanos() + due, node, life, timer);
    return () -> {
      timer.cancelled = true;
      event.cancel();
    };
  }

  @Override
  public boolean inLoop() {
    return node.world().currentLoop() == this;
  }

  /** A timer's task, which queues up behind others if the loop is held up when it is due. */
  private final class DueTask implements Runnable {
    private final Runnable task;
    private boolean cancelled;

    DueTask(Runnable task) {
      this.task = task;
    }

    @Override
    public void run() {
      SimulatedWorld world = node.world();
      if (stalledUntilNanos <= world.nowNanos()) {
        world.enter(SimulatedLoop.this, () -> world.countTimer(task));
      } else {
        execute(
            () -> {
              if (!cancelled) {
                world.countTimer(task);
              }
            });
      }
    }
  }
}
