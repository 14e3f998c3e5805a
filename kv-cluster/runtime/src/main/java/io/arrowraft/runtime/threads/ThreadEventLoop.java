package io.arrowraft.runtime.threads;

import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.FaultHandler;
import io.arrowraft.runtime.Timer;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * An event loop on a thread of its own: tasks from a lock-free queue, timers from a heap that the
 * thread owns.
 */
final class ThreadEventLoop implements EventLoop, Runnable {
  /** How many tasks run before timers are looked at again. */
  private static final int TASKS_BEFORE_TIMERS = 64;

  /** A loop that sleeps no longer than this is not woken for tasks that are in no hurry. */
  private static final long NAP_NANOS_MAX = Duration.ofMillis(250).toNanos();

  /** Fewer cancelled timers than this are left in the heap until they are due. */
  private static final int SWEEP_MIN = 256;

  private final String name;
  private final FaultHandler faults;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final PriorityQueue<ScheduledTask> timers = new PriorityQueue<>();
  private final Thread thread;
  private volatile boolean sleeping;

  /** Sleeping, and awake by itself before long. */
  private volatile boolean napping;

  private volatile boolean closed;
  private long timerSequence;

  /** Cancelled timers that are still in the heap, or on their way there. */
  private final AtomicInteger cancelledTimers = new AtomicInteger();

  ThreadEventLoop(String name, FaultHandler faults) {
    this.name = name;
    this.faults = faults;
    this.thread = new Thread(this, name);
    this.thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void execute(Runnable task) {
    if (closed) {
      return;
    }
    tasks.add(task);
    // The loop publishes "sleeping" before its last look at the queue, so either it sees this task
    // or we see the flag.
    if (sleeping) {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public void executeLazily(Runnable task) {
    if (closed) {
      return;
    }
    tasks.add(task);
    // Read in this order: a nap is begun before, and ended after, the sleep.
    if (sleeping && !napping) {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    ScheduledTask scheduled = new ScheduledTask(System.nanoTime() + delay.toNanos(), task);
    if (inLoop()) {
      addTimer(scheduled);
    } else {
      execute(() -> addTimer(scheduled));
    }
    return scheduled;
  }

  @Override
  public boolean inLoop() {
    return Thread.currentThread() == thread;
  }

  @Override
  public void run() {
    while (!closed) {
      runDueTimers();
      if (!runTasks()) {
        sleep();
      }
    }
  }

  /** Stops after the running task. */
  void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  /** Waits for the thread to end; {@code false} if it did not within the bound. */
  boolean awaitEnd(Duration bound) throws InterruptedException {
    if (inLoop()) {
      return true;
    }
    thread.join(Math.max(1, bound.toMillis()));
    return !thread.isAlive();
  }

  private void addTimer(ScheduledTask scheduled) {
    scheduled.sequence = timerSequence++;
    timers.add(scheduled);
  }

  private boolean runTasks() {
    for (int i = 0; i < TASKS_BEFORE_TIMERS; i++) {
      Runnable task = tasks.poll();
      if (task == null) {
        return i > 0;
      }
      runGuarded(task);
    }
    return true;
  }

  /**
   * Timers of calls that were answered in time would otherwise fill the heap until they are due.
   */
  private void sweepCancelledTimers() {
    int cancelled = cancelledTimers.get();
    if (cancelled >= SWEEP_MIN && cancelled > timers.size() / 2) {
      int before = timers.size();
      timers.removeIf(timer -> timer.cancelled);
      cancelledTimers.addAndGet(timers.size() - before);
    }
  }

  private void runDueTimers() {
    sweepCancelledTimers();
    ScheduledTask first;
    while ((first = timers.peek()) != null
        && (first.cancelled || first.dueNanos - System.nanoTime() <= 0)) {
      timers.poll();
      if (first.begin()) {
        runGuarded(first.task);
      } else {
        cancelledTimers.decrementAndGet();
      }
    }
  }

  private void sleep() {
    ScheduledTask first = timers.peek();
    long nanos = first == null ? Long.MAX_VALUE : first.dueNanos - System.nanoTime();
    napping = nanos <= NAP_NANOS_MAX;
    sleeping = true;
    try {
      if (!tasks.isEmpty() || closed) {
        return;
      }
      if (first == null) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, Math.max(1, nanos));
      }
    } finally {
      sleeping = false;
    }
  }

  private void runGuarded(Runnable task) {
    if (closed) {
      return;
    }
    try {
      task.run();
    } catch (Throwable failure) {
      closed = true;
      faults.fatal("event loop " + name, failure);
    }
  }

  private final class ScheduledTask implements Timer, Comparable<ScheduledTask> {
    private final long dueNanos;
    private final Runnable task;
    private volatile boolean cancelled;
    private boolean started;
    private long sequence;

    ScheduledTask(long dueNanos, Runnable task) {
      this.dueNanos = dueNanos;
      this.task = task;
    }

    @Override
    public synchronized void cancel() {
      if (!cancelled && !started) {
        cancelled = true;
        cancelledTimers.incrementAndGet();
      }
    }

    /** Whether the task is to run; from now on it can no longer be cancelled. */
    private synchronized boolean begin() {
      started = true;
      return !cancelled;
    }

    @Override
    public int compareTo(ScheduledTask other) {
      long difference = dueNanos - other.dueNanos;
      return difference != 0 ? Long.signum(difference) : Long.compare(sequence, other.sequence);
    }
  }
}
