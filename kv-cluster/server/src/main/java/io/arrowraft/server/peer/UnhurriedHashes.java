package io.arrowraft.server.peer;

import io.arrowraft.raft.LogStore;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.snapshot.RegionHasher;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.EnginePressure;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;

/**
 * Hashes regions for checks that nobody waits for: one at a time, a piece at a time, no faster than
 * is configured, and not while the store has better things to do. Views of the engine are kept for
 * a bounded time, since they hold old data on disk. Owned by the control loop; pieces are read on a
 * worker.
 */
final class UnhurriedHashes {
  /** Regions that wait, each with a view of the engine. */
  private static final int WAITING_MAX = 8;

  /** After which a view is let go, hashed or not. */
  static final Duration VIEW_MAX = Duration.ofMinutes(10);

  private static final long PIECE_BYTES_MAX = 1L << 20;
  private static final int PIECES_PER_SECOND_MIN = 8;
  private static final Duration BUSY_PAUSE = Duration.ofSeconds(1);

  /** From here on the engine is behind with its compactions; writers are slowed down then too. */
  private static final int LEVEL0_FILES_BUSY = 20;

  private static final int FULL_BUFFERS_BUSY = 3;
  private static final long PENDING_ENTRIES_BUSY = 4_096;
  private static final double LOG_STRAIN_BUSY = 0.5;

  /** What becomes of a region's hash. Any thread. */
  interface Listener {
    void hashed(long regionId, long index, long hash);

    void leftOut(long regionId, long index, String reason);

    void unreadable(long regionId, EngineException failure);
  }

  private final PeerContext context;
  private final EventLoop loop;
  private final LogStore logs;
  private final ConsistencyPace pace;
  private final Listener listener;
  private final Counter bytes;
  private final Counter pauses;
  private final ArrayDeque<Job> waiting = new ArrayDeque<>();
  private Job current;
  private boolean closed;

  /** One region. */
  private static final class Job {
    private final long regionId;
    private final long index;
    private final long sinceNanos;
    private EngineSnapshot data;
    private RegionHasher hasher;

    private Job(long regionId, long index, long sinceNanos, EngineSnapshot data) {
      this.regionId = regionId;
      this.index = index;
      this.sinceNanos = sinceNanos;
      this.data = data;
    }

    /** Whether there is more to hash. */
    private synchronized boolean step(long bytesMax) {
      if (data == null) {
        return false;
      }
      if (hasher == null) {
        hasher = RegionHasher.open(data, regionId);
      }
      return hasher.step(bytesMax);
    }

    private synchronized boolean isClosed() {
      return data == null;
    }

    private synchronized long hash() {
      return hasher.result().hash();
    }

    private synchronized long bytes() {
      return hasher == null ? 0 : hasher.bytes();
    }

    private synchronized void close() {
      if (hasher != null) {
        hasher.close();
      }
      if (data != null) {
        data.close();
        data = null;
      }
    }
  }

  /**
   * @param loop the control loop
   */
  UnhurriedHashes(PeerContext context, EventLoop loop, LogStore logs, Listener listener) {
    this.context = context;
    this.loop = loop;
    this.logs = logs;
    this.pace = context.config().supervision().consistency();
    this.listener = listener;
    this.bytes =
        Counter.builder("arrowraft_store_consistency_hashed_bytes_total")
            .description("Bytes hashed for background checks")
            .register(context.environment().meters());
    this.pauses =
        Counter.builder("arrowraft_store_consistency_pauses_total")
            .description("Times that background hashing has waited for a busy store")
            .register(context.environment().meters());
  }

  /** Queues a region; takes over the view. Any thread. */
  void submit(long regionId, long index, EngineSnapshot data) {
    Job job = new Job(regionId, index, now(), data);
    loop.execute(
        () -> {
          if (closed || waiting.size() >= WAITING_MAX) {
            giveUp(job, "too many wait");
          } else {
            waiting.addLast(job);
            next();
          }
        });
  }

  private void giveUp(Job job, String reason) {
    job.close();
    listener.leftOut(job.regionId, job.index, reason);
  }

  private void next() {
    while (current == null && !waiting.isEmpty()) {
      current = waiting.removeFirst();
      proceed(current);
    }
  }

  private void proceed(Job job) {
    if (closed || job != current) {
      return;
    }
    if (now() - job.sinceNanos > VIEW_MAX.toNanos()) {
      end();
      giveUp(job, "it takes too long");
      return;
    }
    try {
      context.workers().execute(() -> work(job));
    } catch (RejectedExecutionException full) {
      pause(job);
    }
  }

  private void end() {
    current = null;
    loop.execute(this::next);
  }

  private void pause(Job job) {
    pauses.increment();
    loop.schedule(BUSY_PAUSE, () -> proceed(job));
  }

  /** On a worker. */
  private void work(Job job) {
    long before = job.bytes();
    long begunNanos = now();
    boolean more;
    try {
      if (isBusy()) {
        loop.execute(() -> pause(job));
        return;
      }
      more = job.step(Math.min(PIECE_BYTES_MAX, pace.bytesPerSecond() / PIECES_PER_SECOND_MIN + 1));
    } catch (EngineException failure) {
      job.close();
      listener.unreadable(job.regionId, failure);
      loop.execute(this::end);
      return;
    } catch (RegionErrorException notNow) {
      loop.execute(this::end);
      giveUp(job, "it is not here now");
      return;
    }
    long hashed = job.bytes() - before;
    bytes.increment(hashed);
    if (more) {
      long restNanos = pace.timeFor(hashed).toNanos() - (now() - begunNanos);
      loop.schedule(Duration.ofNanos(Math.max(0, restNanos)), () -> proceed(job));
    } else {
      if (!job.isClosed()) {
        listener.hashed(job.regionId, job.index, job.hash());
        job.close();
      }
      loop.schedule(pace.timeFor(hashed), this::end);
    }
  }

  /** Whether the store's own work is behind. */
  private boolean isBusy() {
    EnginePressure pressure = context.engine().pressure();
    return pressure.writesStopped()
        || pressure.level0Files() >= LEVEL0_FILES_BUSY
        || pressure.fullBuffers() >= FULL_BUFFERS_BUSY
        || context.meters().apply().pending() >= PENDING_ENTRIES_BUSY
        || logs.strain() >= LOG_STRAIN_BUSY;
  }

  /** Lets go of all views; what is being read is waited for, a piece of it at most. */
  void close() {
    loop.execute(
        () -> {
          closed = true;
          waiting.forEach(Job::close);
          waiting.clear();
          if (current != null) {
            current.close();
          }
        });
  }

  private long now() {
    return context.environment().time().nanos();
  }
}
