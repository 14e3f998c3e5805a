package io.arrowraft.simulation.cluster;

import io.arrowraft.simulation.world.SimulatedNode;
import io.arrowraft.simulation.world.SimulatedWorld;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.EnginePressure;
import io.arrowraft.storage.memory.MemoryEngine;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** A disk that outlives the processes that use it, and what is wrong with it. */
final class Disk {
  /** Begins the message of every failure that was asked for. */
  private static final String ORDERED = "ordered failure: ";

  private final SimulatedWorld world;
  private final SimulatedNode node;
  private final String name;
  private final RandomGenerator random;
  private MemoryEngine engine = new MemoryEngine();
  private final Rot rot = new Rot();
  private long stalledUntilNanos;
  private boolean failsSyncs;
  private boolean full;

  Disk(SimulatedWorld world, SimulatedNode node, String name) {
    this.world = world;
    this.node = node;
    this.name = name;
    this.random = world.newGenerator("disk/" + node.name() + "/" + name);
  }

  /** The engine of a new process. */
  Engine open() {
    return new DiskEngine(this);
  }

  MemoryEngine engine() {
    return engine;
  }

  /** What of it has rotted. */
  Rot rot() {
    return rot;
  }

  void crash(boolean losesPower) {
    if (losesPower) {
      engine = engine.crash(random);
      rot.onCrash(engine);
    } else {
      engine.close();
      engine = engine.reopen();
    }
  }

  /** Forgets everything: another disk in the place of this one. */
  void wipe() {
    engine.close();
    engine = new MemoryEngine();
    rot.onCrash(engine);
  }

  /** Syncs that begin before {@code nanos} end then. */
  void stallUntil(long nanos) {
    stalledUntilNanos = Math.max(stalledUntilNanos, nanos);
  }

  /** Makes the engine look as if its background work were behind; a new process sees none. */
  void press(EnginePressure pressure) {
    engine.simulatePressure(pressure);
  }

  /** Lets syncs fail, until told otherwise. */
  void setFailsSyncs(boolean fails) {
    failsSyncs = fails;
  }

  /** Lets writes fail for want of room, until told otherwise. */
  void setFull(boolean isFull) {
    full = isFull;
  }

  void refuseIfFull() {
    if (full) {
      throw new EngineException(
          EngineException.Kind.DISK_FULL, ORDERED + "no space left on " + node.name() + "/" + name);
    }
  }

  /** Whether a failure is one that this or another disk was told to have. */
  static boolean ordered(Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof EngineException && String.valueOf(each.getMessage()).contains(ORDERED)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Makes durable what has been written so far, which takes time: what a crash finds meanwhile is
   * not durable, and what is written meanwhile does not become so.
   */
  void sync() {
    if (failsSyncs) {
      throw new EngineException(
          EngineException.Kind.IO, ORDERED + "sync of " + node.name() + "/" + name);
    }
    long most = world.options().diskDelayMax().toNanos();
    long delay = most == 0 ? 0 : random.nextLong(most);
    long until = Math.max(world.nowNanos() + delay, stalledUntilNanos);
    if (until <= world.nowNanos()) {
      engine.sync();
      world.countSync();
      return;
    }
    MemoryEngine synced = engine;
    long batches = engine.written();
    world.spend(until - world.nowNanos());
    world.at(
        Duration.ZERO,
        () -> {
          // A crash has put another engine in its place: then this sync never ended.
          if (synced == engine) {
            engine.syncTo(batches);
            world.countSync();
          }
        });
  }
}
