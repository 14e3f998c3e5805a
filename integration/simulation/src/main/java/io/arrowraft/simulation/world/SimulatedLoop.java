package io.arrowraft.simulation.world;

import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.Timer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * An event loop whose tasks are events of the world: in order, each a little later than it was
 * given, and none while an earlier one takes its time. One that is in no hurry may wait for the
 * next task or timer, as long as a real loop may nap: who forgets to wake the loop for it waits
 * too.
 */
final class SimulatedLoop implements EventLoop, Stallable {
  /** A loop that naps is awake by itself after this. */
  private static final Duration NAP_MAX = Duration.ofMillis(250);

  private record Task(Runnable action, boolean inNoHurry) {}

  private final SimulatedNode node;
  private final int life;
  private final String name;
  private final Queue<Task> tasks = new ArrayDeque<>();
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
    node.world().whenDue(node, life, () -> enqueue(task));
  }

  private void enqueue(Runnable task) {
    SimulatedWorld world = node.world();
    long at = world.nowNanos() + world.delayBetween(Duration.ZERO, world.options().taskDelayMax());
    // Never before a task given earlier.
    lastTaskNanos = Math.max(lastTaskNanos, Math.max(at, stalledUntilNanos));
    tasks.add(new Task(task, false));
    world.schedule(lastTaskNanos, node, life, this::runNext);
  }

  @Override
  public void executeLazily(Runnable task) {
    node.world().whenDue(node, life, () -> enqueueLazily(task));
  }

  private void enqueueLazily(Runnable task) {
    SimulatedWorld world = node.world();
    // Only a loop that naps leaves it lying; one that is busy gets to it like to any other.
    boolean naps = world.random().nextBoolean();
    Duration wait = naps ? NAP_MAX : world.options().taskDelayMax();
    long at = world.nowNanos() + world.delayBetween(Duration.ZERO, wait);
    tasks.add(new Task(task, true));
    world.schedule(Math.max(at, lastTaskNanos), node, life, this::wake);
  }

  /** One of these events is on its way for each task that is in a hurry; it runs all before it. */
  private void runNext() {
    SimulatedWorld world = node.world();
    boolean more = true;
    while (more && node.isLife(life)) {
      if (stalledUntilNanos > world.nowNanos()) {
        world.schedule(stalledUntilNanos, node, life, this::runNext);
        return;
      }
      Task task = tasks.remove();
      world.enter(this, task.action());
      more = task.inNoHurry();
    }
  }

  /** Runs the tasks in front that are in no hurry: the others have events of their own. */
  private void wake() {
    SimulatedWorld world = node.world();
    while (node.isLife(life) && !tasks.isEmpty() && tasks.peek().inNoHurry()) {
      if (stalledUntilNanos > world.nowNanos()) {
        world.schedule(stalledUntilNanos, node, life, this::wake);
        return;
      }
      world.enter(this, tasks.remove().action());
    }
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
        wake();
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
