package io.arrowraft.pd.replication;

import io.arrowraft.pd.state.StateWrite;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.FaultHandler;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Gets the records to the engine in order, on a loop of its own that waits for the disk. The state
 * in memory is ahead of it by a bounded number of batches; what a crash loses of them is in the
 * log.
 */
final class StateWriter {
  private static final int BATCHES_AHEAD_MAX = 64;

  private final StateRecordStore records;
  private final EventLoop owner;
  private final EventLoop disk;
  private final FaultHandler faults;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private int ahead;

  StateWriter(StateRecordStore records, EventLoop owner, EventLoop disk, FaultHandler faults) {
    this.records = records;
    this.owner = owner;
    this.disk = disk;
    this.faults = faults;
  }

  /**
   * Stores a batch.
   *
   * @param room run on the owner's loop, in order, as soon as the engine is not too far behind
   */
  void save(List<StateWrite> writes, StateRecordStore.Mark mark, Runnable room) {
    ahead++;
    run(
        () -> records.save(writes, mark),
        () -> {
          ahead--;
          while (!waiting.isEmpty() && ahead < BATCHES_AHEAD_MAX) {
            waiting.pollFirst().run();
          }
        });
    if (waiting.isEmpty() && ahead < BATCHES_AHEAD_MAX) {
      room.run();
    } else {
      waiting.addLast(room);
    }
  }

  /**
   * Does something after everything that was asked before.
   *
   * @param work on the disk's loop; if it fails the member stops
   * @param done on the owner's loop
   */
  void run(Runnable work, Runnable done) {
    disk.execute(
        () -> {
          try {
            work.run();
          } catch (RuntimeException failure) {
            faults.fatal("state of the placement driver", failure);
            return;
          }
          owner.execute(done);
        });
  }
}
