package io.arrowraft.client.fake;

import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.FaultHandler;
import io.arrowraft.runtime.LoopFactory;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.Timer;
import io.arrowraft.runtime.WorkerPool;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGeneratorFactory;

/** One thread, virtual time: everything a client does in a test, in one reproducible order. */
public final class VirtualWorld implements TimeSource, LoopFactory {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final long WALL_ORIGIN_MILLIS = 1_700_000_000_000L;

  private final PriorityQueue<Task> tasks = new PriorityQueue<>();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private Loop running;
  private long nanos;
  private long sequence;
  private Throwable fault;

  public Environment environment() {
    FaultHandler faults = (component, cause) -> fault = cause;
    return new Environment(
        this,
        component -> RandomGeneratorFactory.of("L64X128MixRandom").create(component.hashCode()),
        this,
        faults,
        meters);
  }

  public SimpleMeterRegistry meters() {
    return meters;
  }

  /** Runs until {@code future} is done and returns its value or throws its failure. */
  public <T> T await(CompletableFuture<T> future) {
    long patience = nanos + PATIENCE.toNanos();
    while (!future.isDone()) {
      if (tasks.isEmpty() || nanos > patience) {
        throw new AssertionError("nothing left that could complete the future", fault);
      }
      step();
    }
    try {
      return future.join();
    } catch (java.util.concurrent.CompletionException failed) {
      if (failed.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw failed;
    }
  }

  /** Runs whatever falls due within {@code duration}. */
  public void advance(Duration duration) {
    long until = nanos + duration.toNanos();
    while (!tasks.isEmpty() && tasks.peek().dueNanos <= until) {
      step();
    }
    nanos = until;
  }

  void later(Duration delay, Runnable task) {
    add(null, delay, task);
  }

  private Task add(Loop loop, Duration delay, Runnable body) {
    Task task = new Task(nanos + delay.toNanos(), sequence++, loop, body);
    tasks.add(task);
    return task;
  }

  private void step() {
    Task task = tasks.remove();
    nanos = Math.max(nanos, task.dueNanos);
    if (task.cancelled) {
      return;
    }
    running = task.loop;
    try {
      task.body.run();
    } finally {
      running = null;
    }
  }

  @Override
  public long nanos() {
    return nanos;
  }

  @Override
  public long wallMillis() {
    return WALL_ORIGIN_MILLIS + nanos / 1_000_000;
  }

  @Override
  public EventLoop newLoop(String name) {
    return new Loop(name);
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
        later(Duration.ZERO, task);
      }
    };
  }

  private final class Loop implements EventLoop {
    private final String name;

    Loop(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void execute(Runnable task) {
      add(this, Duration.ZERO, task);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      return add(this, delay, task);
    }

    @Override
    public boolean inLoop() {
      return running == this;
    }
  }

  private static final class Task implements Timer, Comparable<Task> {
    private final long dueNanos;
    private final long order;
    private final Loop loop;
    private final Runnable body;
    private boolean cancelled;

    Task(long dueNanos, long order, Loop loop, Runnable body) {
      this.dueNanos = dueNanos;
      this.order = order;
      this.loop = loop;
      this.body = body;
    }

    @Override
    public void cancel() {
      cancelled = true;
    }

    @Override
    public int compareTo(Task other) {
      int byTime = Long.compare(dueNanos, other.dueNanos);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }
}
