package io.arrowraft.server.peer;

import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.LoopFactory;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.Timer;
import io.arrowraft.runtime.WorkerPool;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/** Virtual time: everything that is to happen, one thing after the other, on the test's thread. */
final class TestWorld implements TimeSource {
  private final PriorityQueue<Task> tasks = new PriorityQueue<>();
  private final Random random;
  private long nowNanos = 1_000_000_000L;
  private long sequence;
  private Throwable fault;

  private static final class Task implements Comparable<Task>, Timer {
    private final long atNanos;
    private final long sequence;
    private final Life life;
    private final TestLoop loop;
    private final Runnable action;
    private boolean cancelled;

    private Task(long atNanos, long sequence, Life life, TestLoop loop, Runnable action) {
      this.atNanos = atNanos;
      this.sequence = sequence;
      this.life = life;
      this.loop = loop;
      this.action = action;
    }

    @Override
    public int compareTo(Task other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
  }

  /** Of a node: what it has scheduled dies with it. */
  static final class Life {
    private boolean over;
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    void end() {
      over = true;
    }

    boolean isOver() {
      return over;
    }

    MeterRegistry meters() {
      return meters;
    }
  }

  TestWorld(long seed) {
    random = new Random(seed);
  }

  Environment environment(Life life) {
    return new Environment(
        this,
        component -> new Random(random.nextLong()),
        new TestLoops(life),
        (component, cause) -> fault = cause,
        life.meters());
  }

  @Override
  public long nanos() {
    return nowNanos;
  }

  @Override
  public long wallMillis() {
    return nowNanos / 1_000_000;
  }

  Random random() {
    return random;
  }

  /** Runs {@code action} after {@code delay}, whoever lives. */
  void after(Duration delay, Runnable action) {
    schedule(delay, null, null, action);
  }

  private Task schedule(Duration delay, Life life, TestLoop loop, Runnable action) {
    Task task = new Task(nowNanos + delay.toNanos(), sequence++, life, loop, action);
    tasks.add(task);
    return task;
  }

  /** Runs until the condition holds; fails after {@code limit} of virtual time. */
  void until(String what, Duration limit, BooleanSupplier condition) {
    long end = nowNanos + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (!step(end)) {
        throw new AssertionError("not within " + limit + ": " + what);
      }
    }
  }

  void run(Duration time) {
    long end = nowNanos + time.toNanos();
    boolean more = true;
    while (more) {
      more = step(end);
    }
    nowNanos = end;
  }

  <T> T await(CompletionStage<T> stage) {
    var future = stage.toCompletableFuture();
    until("the answer", Duration.ofSeconds(60), future::isDone);
    return future.join();
  }

  private boolean step(long end) {
    Task next = tasks.peek();
    if (next == null || next.atNanos > end) {
      return false;
    }
    tasks.poll();
    nowNanos = Math.max(nowNanos, next.atNanos);
    if (next.cancelled || (next.life != null && next.life.over)) {
      return true;
    }
    if (next.loop != null) {
      next.loop.running = true;
    }
    try {
      next.action.run();
    } catch (PowerCut.Lost cut) {
      if (!next.life.over) {
        throw cut;
      }
    } finally {
      if (next.loop != null) {
        next.loop.running = false;
      }
    }
    if (fault != null) {
      throw new AssertionError("a node stopped", fault);
    }
    return true;
  }

  private final class TestLoops implements LoopFactory {
    private final Life life;

    private TestLoops(Life life) {
      this.life = life;
    }

    @Override
    public EventLoop newLoop(String name) {
      return new TestLoop(TestWorld.this, life, name);
    }

    @Override
    public WorkerPool newPool(String name, int threads, int queueMax) {
      return new WorkerPool() {
        @Override
        public String name() {
          return name;
        }

        @Override
        public void execute(Runnable task) {
          schedule(Duration.ofNanos(10_000), life, null, task);
        }
      };
    }
  }

  private static final class TestLoop implements EventLoop {
    private final TestWorld world;
    private final Life life;
    private final String name;
    private boolean running;

    private TestLoop(TestWorld world, Life life, String name) {
      this.world = world;
      this.life = life;
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void execute(Runnable task) {
      world.schedule(Duration.ofNanos(1_000), life, this, task);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      return world.schedule(delay, life, this, task);
    }

    @Override
    public boolean inLoop() {
      return running;
    }
  }
}
