package io.arrowraft.pd.testing;

import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.Timer;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;

/** A loop and its clocks, which run only when the test says so. */
public final class ManualLoop implements EventLoop, TimeSource {
  private final PriorityQueue<Task> tasks = new PriorityQueue<>();
  private long nanos;
  private long wallOffsetMillis = 1_700_000_000_000L;
  private long sequence;

  @Override
  public String name() {
    return "manual";
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(new Task(nanos, sequence++, task));
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    Task scheduled = new Task(nanos + delay.toNanos(), sequence++, task);
    tasks.add(scheduled);
    return () -> tasks.remove(scheduled);
  }

  @Override
  public boolean inLoop() {
    return true;
  }

  @Override
  public long nanos() {
    return nanos;
  }

  @Override
  public long wallMillis() {
    return wallOffsetMillis + nanos / 1_000_000;
  }

  /** Moves the wall clock against the monotonic one. */
  public void stepWallClock(Duration by) {
    wallOffsetMillis += by.toMillis();
  }

  /** Runs everything that falls due while {@code duration} passes. */
  public void advance(Duration duration) {
    long until = nanos + duration.toNanos();
    while (!tasks.isEmpty() && tasks.peek().atNanos - until <= 0) {
      Task next = tasks.poll();
      nanos = Math.max(nanos, next.atNanos);
      next.task.run();
    }
    nanos = until;
  }

  /** Runs until the future is done, for a minute of this clock at most. */
  public <T> T await(CompletableFuture<T> future) {
    for (int i = 0; i < 60_000 && !future.isDone(); i++) {
      advance(Duration.ofMillis(1));
    }
    if (!future.isDone()) {
      throw new AssertionError("not done after a minute");
    }
    return future.join();
  }

  private record Task(long atNanos, long order, Runnable task) implements Comparable<Task> {
    @Override
    public int compareTo(Task other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }
}
