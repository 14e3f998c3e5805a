package io.arrowraft.raft;

import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.Timer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Loops and a clock that move only when told. All loops of a schedule share its clock. */
final class FakeLoop implements EventLoop {
  /** Time, and what happens in it. */
  static final class Schedule implements TimeSource {
    private record Timed(
        long atNanos, long sequence, FakeLoop loop, Runnable task, boolean[] off) {}

    private final PriorityQueue<Timed> timers =
        new PriorityQueue<>(
            Comparator.comparingLong(Timed::atNanos).thenComparingLong(Timed::sequence));
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private long nowNanos = 1;
    private long sequence;
    private FakeLoop running;

    @Override
    public long nanos() {
      return nowNanos;
    }

    @Override
    public long wallMillis() {
      return nowNanos / 1_000_000;
    }

    FakeLoop newLoop(String name) {
      return new FakeLoop(this, name);
    }

    /** Runs what is queued, without letting time pass. */
    void runQueued() {
      Runnable task;
      while ((task = tasks.poll()) != null) {
        task.run();
      }
    }

    void advance(Duration duration) {
      long end = nowNanos + duration.toNanos();
      runQueued();
      while (!timers.isEmpty() && timers.peek().atNanos() <= end) {
        Timed timed = timers.poll();
        nowNanos = timed.atNanos();
        if (!timed.off()[0]) {
          timed.loop().execute(timed.task());
        }
        runQueued();
      }
      nowNanos = end;
    }
  }

  private final Schedule schedule;
  private final String name;

  private FakeLoop(Schedule schedule, String name) {
    this.schedule = schedule;
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void execute(Runnable task) {
    schedule.tasks.add(
        () -> {
          schedule.running = this;
          task.run();
          schedule.running = null;
        });
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    boolean[] off = {false};
    schedule.timers.add(
        new Schedule.Timed(
            schedule.nowNanos + delay.toNanos(), schedule.sequence++, this, task, off));
    return () -> off[0] = true;
  }

  /** Code of a test that runs outside of any task counts as being on every loop. */
  @Override
  public boolean inLoop() {
    return schedule.running == null || schedule.running == this;
  }
}
