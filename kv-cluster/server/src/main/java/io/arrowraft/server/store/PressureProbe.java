package io.arrowraft.server.store;

import io.arrowraft.raft.LogStore;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.Timer;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.server.flow.FlowController;
import io.arrowraft.storage.engine.DiskOptions;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at engine and disk from time to time and tells the flow controller. It looks on a worker,
 * since either may stand still; the timer belongs to its loop.
 */
final class PressureProbe {
  private static final Logger LOG = LoggerFactory.getLogger(PressureProbe.class);

  /** The disk is looked at each time the engine was so often. */
  private static final int PROBES_PER_DISK_LOOK = 4;

  private final Subject subject;
  private final FlowController flow;
  private final LongConsumer spare;
  private final EventLoop loop;
  private final WorkerPool worker;
  private Timer timer;
  private boolean stopped;
  private long probes;

  /** Owned by the worker's one task at a time. */
  private boolean lowOnSpace;

  /**
   * What is looked at.
   *
   * @param disk empty where there is none
   */
  record Subject(Engine data, LogStore logs, Optional<DiskSpace> disk, DiskOptions options) {}

  /**
   * @param spare told how much more the disk takes before new data is refused
   */
  PressureProbe(
      Subject subject, FlowController flow, LongConsumer spare, EventLoop loop, WorkerPool worker) {
    this.subject = subject;
    this.flow = flow;
    this.spare = spare;
    this.loop = loop;
    this.worker = worker;
  }

  void start() {
    loop.execute(this::look);
  }

  void stop() {
    loop.execute(
        () -> {
          stopped = true;
          if (timer != null) {
            timer.cancel();
          }
        });
  }

  private void look() {
    if (stopped) {
      return;
    }
    boolean diskToo = probes++ % PROBES_PER_DISK_LOOK == 0;
    try {
      worker.execute(
          () -> {
            measure(diskToo);
            // Only now: a disk that stands still must not gather looks at it.
            loop.execute(this::arm);
          });
    } catch (RejectedExecutionException full) {
      arm();
    }
  }

  private void arm() {
    if (!stopped) {
      timer = loop.schedule(flow.limits().probeInterval(), this::look);
    }
  }

  private void measure(boolean diskToo) {
    try {
      flow.observe(subject.data().pressure(), subject.logs().strain());
    } catch (EngineException closing) {
      if (closing.kind() != EngineException.Kind.CLOSED) {
        throw closing;
      }
      return;
    }
    if (diskToo) {
      subject.disk().ifPresent(this::measure);
    }
  }

  private void measure(DiskSpace disk) {
    DiskSpace.Room room;
    try {
      room = disk.measure();
    } catch (UncheckedIOException unanswered) {
      LOG.warn("free space is not known", unanswered);
      return;
    }
    long low = subject.options().lowSpaceBytes(room.capacityBytes());
    // Taken back later than it was raised, so that it does not flicker.
    boolean isLow = room.availableBytes() < (lowOnSpace ? low + low / 8 : low);
    if (isLow != lowOnSpace) {
      lowOnSpace = isLow;
      LOG.atWarn()
          .addKeyValue("available", room.availableBytes())
          .addKeyValue("bound", low)
          .log(
              isLow
                  ? "new data is refused, since the disk is nearly full"
                  : "new data is taken again");
    }
    spare.accept(Math.max(0, room.availableBytes() - low));
    flow.observeSpace(
        isLow
            ? "only "
                + room.availableBytes()
                + " bytes are left on the disk of this store, and the last "
                + low
                + " are kept for what frees space; delete data, or add a store or a disk"
            : "");
  }
}
