package io.arrowraft.simulation.cluster;

import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.FaultHandler;
import io.arrowraft.simulation.world.SimulatedNode;
import io.arrowraft.simulation.world.SimulatedWorld;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EnginePressure;
import io.arrowraft.storage.raftlog.RaftLogEngine;
import java.time.Duration;
import java.util.List;

/** The two disks of a machine that keeps data: that of the state and that of the logs. */
public final class Disks {
  private final SimulatedWorld world;
  private final Disk data;
  private final Disk log;

  Disks(SimulatedWorld world, SimulatedNode node) {
    this.world = world;
    this.data = new Disk(world, node, "data");
    this.log = new Disk(world, node, "log");
  }

  Engine openData() {
    return data.open();
  }

  RaftLogEngine openLog(EventLoop writer, FaultHandler faults) {
    return new RaftLogEngine(log.open(), writer, faults);
  }

  /** What was written to the data disk, durable or not, whatever rots there. */
  Engine dataNow() {
    return data.engine();
  }

  /** What was written to the log disk, durable or not, whatever rots there. */
  Engine logNow() {
    return log.engine();
  }

  Rot rotOfData() {
    return data.rot();
  }

  Rot rotOfLog() {
    return log.rot();
  }

  /** Each disk keeps what was synced, and of the rest what its own dice leave. */
  void crash(boolean losesPower) {
    data.crash(losesPower);
    log.crash(losesPower);
  }

  /** Puts empty disks in the place of both. */
  void wipe() {
    data.wipe();
    log.wipe();
  }

  /** Holds up the syncs of one disk. */
  public void stall(boolean ofLog, Duration duration) {
    (ofLog ? log : data).stallUntil(world.nowNanos() + duration.toNanos());
  }

  /** Lets the syncs of one disk fail. */
  public void failSyncs(boolean ofLog) {
    (ofLog ? log : data).setFailsSyncs(true);
  }

  /** Fills both disks, as parts of one device. */
  public void fill() {
    data.setFull(true);
    log.setFull(true);
  }

  /** Lets the data engine's background work be behind by so many files and buffers. */
  public void press(int level0Files, int fullBuffers) {
    data.press(new EnginePressure(level0Files, fullBuffers, 0, false));
  }

  /** Ends every fault but a stall that has begun, which ends by itself. */
  public void repair() {
    for (Disk disk : List.of(data, log)) {
      disk.setFailsSyncs(false);
      disk.setFull(false);
      disk.press(EnginePressure.NONE);
    }
  }
}
