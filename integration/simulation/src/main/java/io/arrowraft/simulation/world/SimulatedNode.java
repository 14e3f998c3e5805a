package io.arrowraft.simulation.world;

import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.LoopFactory;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.WorkerPool;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * A machine of the world: an environment for one process at a time, with a clock that may drift and
 * a life that a crash ends.
 */
public final class SimulatedNode {
  private final SimulatedWorld world;
  private final String name;
  private final List<Stallable> workers = new ArrayList<>();
  private int life = 1;
  private boolean up = true;
  private long pausedUntilNanos;
  private long wallSkewMillis;
  private double clockRate = 1.0;
  private long rateChangedAtNanos;
  private long nanosAtRateChange;
  private TimeSource time = new NodeTime(0);
  private Predicate<Throwable> expectedFault = cause -> false;
  private Runnable stopProcess = this::crash;

  SimulatedNode(SimulatedWorld world, String name) {
    this.world = world;
    this.name = name;
  }

  public String name() {
    return name;
  }

  public boolean isUp() {
    return up;
  }

  /** Tells whether the life that is lived now still is. */
  public BooleanSupplier presentLife() {
    int asked = life;
    return () -> isLife(asked);
  }

  /** The ports of this node's present life. */
  public Environment environment() {
    int environmentLife = life;
    return new Environment(
        time,
        component -> world.newGenerator(name + "/" + environmentLife + "/" + component),
        new NodeLoops(environmentLife),
        (component, cause) -> fail(environmentLife, component, cause),
        new SimpleMeterRegistry());
  }

  /**
   * What this node's process may call its fault handler for without anything being wrong: a disk
   * that was told to fail.
   *
   * @param stop ends the process after such a fault; run when the task that met it is over
   */
  public void expectFaults(Predicate<Throwable> expected, Runnable stop) {
    expectedFault = expected;
    stopProcess = stop;
  }

  /** Ends this life at once: nothing that it started runs again. */
  public void crash() {
    world.trace().add("crash " + name);
    up = false;
    life++;
    pausedUntilNanos = 0;
    workers.clear();
    world.network().onCrash(this);
  }

  /** Begins a new life, for which the caller wires a new process. */
  public void restart() {
    world.trace().add("restart " + name);
    // A monotonic clock starts anywhere: what an earlier life read from it means nothing now.
    time = new NodeTime(world.random().nextLong(1L << 50));
    up = true;
  }

  /**
   * Stops this node's processors for a while, as a stopped process or a long collection does;
   * messages wait.
   */
  public void pause(Duration duration) {
    world.trace().add("pause " + name);
    pausedUntilNanos = Math.max(pausedUntilNanos, world.nowNanos() + duration.toNanos());
  }

  /**
   * Lets one of this node's loops and pools begin no task for a while, as when it waits for a disk.
   *
   * @param dice which of them
   */
  public void stallOne(RandomGenerator dice, Duration duration) {
    if (!workers.isEmpty()) {
      Stallable worker = workers.get(dice.nextInt(workers.size()));
      world.trace().add("stall " + worker.name());
      worker.stallUntil(world.nowNanos() + duration.toNanos());
    }
  }

  /** Moves this node's wall clock against the world's. */
  public void skewWall(Duration skew) {
    world.trace().add("skew " + name);
    wallSkewMillis = skew.toMillis();
  }

  /** Makes this node's monotonic clock run faster or slower than the world's. */
  public void setClockRate(double rate) {
    nanosAtRateChange = localNanos();
    rateChangedAtNanos = world.nowNanos();
    clockRate = rate;
  }

  /**
   * Runs what a task of this life does after a wait when the wait is over, if the life is not: a
   * task runs in one piece, and what it shares with others they would otherwise see too early.
   */
  public Executor afterWaits() {
    int present = life;
    return action -> world.whenDue(this, present, action);
  }

  SimulatedWorld world() {
    return world;
  }

  int life() {
    return life;
  }

  TimeSource time() {
    return time;
  }

  boolean isLife(int asked) {
    return up && life == asked;
  }

  long pausedUntilNanos() {
    return pausedUntilNanos;
  }

  long toWorldNanos(Duration localDelay) {
    return Math.max(0, (long) (localDelay.toNanos() / clockRate));
  }

  /** Runs a piece of this node's work: what it throws stops the node, as on a real loop. */
  void guard(Runnable action) {
    int guarded = life;
    try {
      action.run();
    } catch (RuntimeException | Error failure) {
      fail(guarded, "task of " + name, failure);
    }
  }

  private void fail(int asked, String component, Throwable cause) {
    if (expectedFault.test(cause)) {
      world.trace().add("stopped " + name);
      world.schedule(world.nowNanos(), this, asked, stopProcess);
      return;
    }
    StringBuilder text = new StringBuilder(name + ": " + component + ": " + cause);
    StackTraceElement[] frames = cause.getStackTrace();
    for (int i = 0; i < Math.min(frames.length, 12); i++) {
      text.append("\n    at ").append(frames[i]);
    }
    world.reportFault(text.toString());
    if (up && asked == life) {
      crash();
    }
  }

  private long localNanos() {
    return nanosAtRateChange + (long) ((world.nowNanos() - rateChangedAtNanos) * clockRate);
  }

  private final class NodeTime implements TimeSource {
    private final long originNanos;

    NodeTime(long originNanos) {
      this.originNanos = originNanos;
    }

    @Override
    public long nanos() {
      return originNanos + localNanos();
    }

    @Override
    public long wallMillis() {
      return world.wallMillis() + wallSkewMillis;
    }
  }

  private final class NodeLoops implements LoopFactory {
    private final int loopsLife;

    NodeLoops(int loopsLife) {
      this.loopsLife = loopsLife;
    }

    @Override
    public EventLoop newLoop(String loopName) {
      return known(new SimulatedLoop(SimulatedNode.this, loopsLife, name + "-" + loopName));
    }

    @Override
    public WorkerPool newPool(String poolName, int threads, int queueMax) {
      return known(
          new SimulatedPool(SimulatedNode.this, loopsLife, name + "-" + poolName, queueMax));
    }

    private <T extends Stallable> T known(T worker) {
      if (isLife(loopsLife)) {
        workers.add(worker);
      }
      return worker;
    }
  }
}
