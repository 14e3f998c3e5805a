package io.arrowraft.storage.raftlog;

import io.arrowraft.raft.GroupLogState;
import io.arrowraft.raft.LogCache;
import io.arrowraft.raft.LogStore;
import io.arrowraft.raft.LogWrite;
import io.arrowraft.raft.StoredEntries;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.FaultHandler;
import io.arrowraft.runtime.Mailbox;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EnginePressure;
import io.arrowraft.storage.engine.IterateOptions;
import io.arrowraft.storage.engine.WriteBatch;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;

/**
 * The shared log on an engine. Does not own the engine: whoever opened it closes it, after {@link
 * #close}.
 */
public final class RaftLogEngine implements LogStore {
  private static final ColumnFamily FAMILY = ColumnFamily.RAFT;

  /**
   * Shorter ranges are deleted key by key: range deletions burden every later read of their
   * neighbourhood.
   */
  private static final long POINT_DELETES_MAX = 4_096;

  /** Writes in one batch. */
  private static final int BATCH_MAX = 4_096;

  /** A batch of more bytes is written before more is added: it is held in memory several times. */
  private static final long BATCH_BYTES_MAX = 16L << 20;

  /** Where the engine's own brakes begin. */
  private static final double LEVEL0_FILES_FULL = 40;

  private static final double BUFFERS_FULL = 5;

  /** Recent entries of all groups in memory. */
  private static final long CACHE_BYTES_MAX = 128L << 20;

  private final LogCache cache = new LogCache(CACHE_BYTES_MAX);
  private final Engine engine;
  private final FaultHandler faults;
  private final Mailbox<LogWrite> mailbox;
  private final LongAdder syncs = new LongAdder();
  private final LongAdder batches = new LongAdder();
  private final LongAdder groupWrites = new LongAdder();
  private volatile boolean stopped;

  /** Null: who asks reads. */
  private volatile WorkerPool readers;

  private volatile Runnable afterBatch = () -> {};

  /**
   * @param engine the log instance
   * @param writer a loop for this log alone; it waits for the disk
   * @param faults told when a write fails
   */
  public RaftLogEngine(Engine engine, EventLoop writer, FaultHandler faults) {
    this.engine = engine;
    this.faults = faults;
    // No bound of its own: each group bounds its writes in flight, and none of them may be lost.
    mailbox = new Mailbox<>(writer, Integer.MAX_VALUE, BATCH_MAX, this::writeBatch);
  }

  @Override
  public void submit(LogWrite write) {
    mailbox.offer(write);
  }

  @Override
  public boolean afterEachBatch(Runnable hook) {
    afterBatch = hook;
    return true;
  }

  /** Drops what is not written yet; the groups are closed. */
  public void close() {
    stopped = true;
  }

  /** Shows batches and syncs, whose quotient tells how well groups share them. */
  public void measure(MeterRegistry meters) {
    FunctionCounter.builder("arrowraft_raft_log_batches_total", this, RaftLogEngine::batches)
        .description("Batches written to the Raft log")
        .register(meters);
    FunctionCounter.builder("arrowraft_raft_log_syncs_total", this, RaftLogEngine::syncs)
        .description("Batches of the Raft log that were synced")
        .register(meters);
    FunctionCounter.builder("arrowraft_raft_log_writes_total", this, RaftLogEngine::writes)
        .description("Writes of groups in those batches")
        .register(meters);
    Gauge.builder("arrowraft_raft_log_cache_bytes", cache, LogCache::bytes)
        .description("Recent entries of all groups in memory")
        .register(meters);
  }

  /** Writes of groups, since the start. */
  public long writes() {
    return groupWrites.sum();
  }

  /** Batches that were synced, since the start. */
  public long syncs() {
    return syncs.sum();
  }

  /** Batches written, since the start. */
  public long batches() {
    return batches.sum();
  }

  private void writeBatch(List<LogWrite> writes) {
    if (stopped) {
      return;
    }
    int from = 0;
    while (from < writes.size() && !stopped) {
      WriteBatch batch = new WriteBatch();
      boolean sync = false;
      int to = from;
      while (to < writes.size() && batch.byteSize() < BATCH_BYTES_MAX) {
        add(writes.get(to), batch);
        sync |= writes.get(to).sync();
        to++;
      }
      write(batch, sync, writes.subList(from, to));
      from = to;
    }
  }

  private void write(WriteBatch batch, boolean sync, List<LogWrite> writes) {
    try {
      engine.write(batch, sync);
    } catch (EngineException failure) {
      // The groups must not go on: what they wrote may or may not be there.
      stopped = true;
      faults.fatal("raft log", failure);
      return;
    }
    batches.increment();
    groupWrites.add(writes.size());
    if (sync) {
      syncs.increment();
    }
    writes.forEach(write -> write.durable().run());
    afterBatch.run();
  }

  private static void add(LogWrite write, WriteBatch batch) {
    long group = write.groupId();
    if (write.destroy()) {
      batch.deleteRange(FAMILY, RaftLogFormat.groupStart(group), RaftLogFormat.groupEnd(group));
      return;
    }
    deleteEntries(write, batch);
    for (Entry entry : write.entries()) {
      byte[] key = RaftLogFormat.entryKey(group, entry.index());
      batch.put(FAMILY, key, RaftLogFormat.encode(key, entry));
    }
    byte[] key = RaftLogFormat.stateKey(group);
    batch.put(FAMILY, key, RaftLogFormat.encode(key, write.state()));
  }

  private static void deleteEntries(LogWrite write, WriteBatch batch) {
    if (write.deleteFrom() >= write.deleteTo()) {
      return;
    }
    if (write.deleteTo() - write.deleteFrom() > POINT_DELETES_MAX) {
      batch.deleteRange(
          FAMILY,
          RaftLogFormat.entryKey(write.groupId(), write.deleteFrom()),
          RaftLogFormat.entryKey(write.groupId(), write.deleteTo()));
      return;
    }
    for (long index = write.deleteFrom(); index < write.deleteTo(); index++) {
      batch.delete(FAMILY, RaftLogFormat.entryKey(write.groupId(), index));
    }
  }

  @Override
  public Optional<GroupLogState> load(long groupId) {
    byte[] key = RaftLogFormat.stateKey(groupId);
    try {
      byte[] value = engine.get(FAMILY, key);
      return value == null ? Optional.empty() : Optional.of(RaftLogFormat.decodeState(key, value));
    } catch (CorruptDataException unreadable) {
      throw ofGroup(groupId, unreadable);
    }
  }

  /** What the engine cannot read of one group's records says nothing of the others'. */
  private static CorruptDataException ofGroup(long groupId, CorruptDataException unreadable) {
    return unreadable.group().isPresent() || unreadable.damage().isEmpty()
        ? unreadable
        : CorruptDataException.ofGroup(
            groupId,
            "raft log of group " + groupId + " cannot be read: " + unreadable.getMessage(),
            unreadable);
  }

  @Override
  public List<Entry> entries(long groupId, long low, long high, long bytesMax) {
    List<Entry> result = new ArrayList<>();
    byte[] first = RaftLogFormat.entryKey(groupId, low);
    IterateOptions range =
        IterateOptions.range(first, RaftLogFormat.entryKey(groupId, high)).withoutFillingCache();
    long bytes = 0;
    try (EngineIterator iterator = engine.iterator(FAMILY, range)) {
      boolean valid = iterator.seek(first);
      for (long index = low; index < high; index++) {
        byte[] key = RaftLogFormat.entryKey(groupId, index);
        if (!valid || !Arrays.equals(iterator.key(), key)) {
          throw RaftLogFormat.damaged("entry", key, "missing");
        }
        Entry entry = RaftLogFormat.decodeEntry(key, index, iterator.value());
        bytes += entry.sizeBytes();
        if (bytes > bytesMax && !result.isEmpty()) {
          break;
        }
        result.add(entry);
        valid = iterator.next();
      }
    } catch (CorruptDataException unreadable) {
      throw ofGroup(groupId, unreadable);
    }
    return result;
  }

  /** Has long reads done on {@code pool}, and not by who asks; to be called before any. */
  public RaftLogEngine readingOn(WorkerPool pool) {
    readers = pool;
    return this;
  }

  @Override
  public CompletableFuture<StoredEntries> fetch(
      long groupId, long low, long high, long bytesMax, boolean withPrevious) {
    WorkerPool pool = readers;
    if (pool == null) {
      return LogStore.super.fetch(groupId, low, high, bytesMax, withPrevious);
    }
    CompletableFuture<StoredEntries> result = new CompletableFuture<>();
    try {
      pool.execute(
          () -> {
            try {
              result.complete(
                  LogStore.super.fetch(groupId, low, high, bytesMax, withPrevious).join());
            } catch (EngineException failure) {
              result.completeExceptionally(failure);
            }
          });
    } catch (RejectedExecutionException full) {
      result.completeExceptionally(full);
    }
    return result;
  }

  @Override
  public LogCache cache() {
    return cache;
  }

  @Override
  public double strain() {
    EnginePressure pressure = engine.pressure();
    return pressure.writesStopped()
        ? 1
        : Math.max(
            pressure.level0Files() / LEVEL0_FILES_FULL, pressure.fullBuffers() / BUFFERS_FULL);
  }

  @Override
  public List<Long> groups() {
    List<Long> result = new ArrayList<>();
    try (EngineIterator iterator = engine.iterator(FAMILY, IterateOptions.all())) {
      boolean valid = iterator.seek(RaftLogFormat.groupStart(0));
      while (valid) {
        long group = RaftLogFormat.groupOf(iterator.key());
        result.add(group);
        valid = iterator.seek(RaftLogFormat.groupEnd(group));
      }
    }
    return result;
  }
}
