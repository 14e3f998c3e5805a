package io.arrowraft.storage.memory;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EnginePressure;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.arrowraft.storage.engine.IterateOptions;
import io.arrowraft.storage.engine.MemoryUsage;
import io.arrowraft.storage.engine.SortedFiles;
import io.arrowraft.storage.engine.WriteBatch;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * An engine in memory whose durability is modelled: what was synced survives {@link #crash}, of the
 * rest a random prefix does. Since states are immutable, remembering the state after each unsynced
 * batch costs only the changed paths.
 */
public final class MemoryEngine implements Engine {
  /**
   * How many unsynced batches a crash may choose among; older ones become durable, as a real disk
   * writes back what has waited long enough.
   */
  private static final int UNSYNCED_STATES_MAX = 8_192;

  private final Object writeLock = new Object();
  private final Deque<MemoryState> unsynced = new ArrayDeque<>();

  /** Batches that are not in {@link #unsynced} any more. */
  private long durableBatches;

  private MemoryState durable;
  private volatile MemoryState visible;
  private volatile boolean closed;
  private volatile EnginePressure pressure = EnginePressure.NONE;

  private final MemorySortedFiles sortedFiles;

  /** An empty engine. */
  public MemoryEngine() {
    this(MemoryState.EMPTY, new TreeMap<>());
  }

  private MemoryEngine(MemoryState state, TreeMap<String, List<WriteBatch.Put>> files) {
    this.durable = state;
    this.visible = state;
    this.sortedFiles = new MemorySortedFiles(files, this::open);
  }

  @Override
  public byte[] get(ColumnFamily family, byte[] key) {
    return open().get(family, key);
  }

  @Override
  public int get(ColumnFamily family, ByteBuffer key, ByteBuffer value) {
    return open().get(family, key, value);
  }

  @Override
  public EngineIterator iterator(ColumnFamily family, IterateOptions options) {
    return open().iterator(family, options);
  }

  @Override
  public EngineSnapshot snapshot() {
    return new MemorySnapshot(open());
  }

  @Override
  public void write(WriteBatch batch, boolean sync) {
    Objects.requireNonNull(batch, "batch");
    synchronized (writeLock) {
      MemoryState next = open().apply(batch);
      visible = next;
      unsynced.addLast(next);
      if (sync) {
        makeDurable();
        return;
      }
      if (unsynced.size() > UNSYNCED_STATES_MAX) {
        durable = unsynced.removeFirst();
        durableBatches++;
      }
    }
  }

  @Override
  public void sync() {
    synchronized (writeLock) {
      open();
      makeDurable();
    }
  }

  @Override
  public SortedFiles sortedFiles() {
    return sortedFiles;
  }

  @Override
  public void ingest(List<SortedFiles.Name> files) {
    synchronized (writeLock) {
      open();
      makeDurable();
      for (SortedFiles.Name file : files) {
        visible = visible.apply(sortedFiles.batchOf(file));
        durable = visible;
        durableBatches++;
      }
    }
  }

  @Override
  public long approximateSize(ColumnFamily family, byte[] start, byte[] end) {
    return open().tree(family).byteSize(start, end);
  }

  /** There is no background work: what {@link #simulatePressure} was told. */
  @Override
  public EnginePressure pressure() {
    open();
    return pressure;
  }

  /** Makes the engine look as if its background work were behind. */
  public void simulatePressure(EnginePressure simulated) {
    pressure = simulated;
  }

  @Override
  public MemoryUsage memoryUsage() {
    return new MemoryUsage(0, open().byteSize(), 0);
  }

  /**
   * Closes at once: readers hold immutable states, so those open stay usable. Everything written
   * survives, as it does when a process ends and its machine does not.
   */
  @Override
  public void close() {
    synchronized (writeLock) {
      closed = true;
    }
  }

  /**
   * Loses power: this instance is closed, and the returned one holds the durable state plus a
   * random prefix of the batches written since.
   */
  public MemoryEngine crash(RandomGenerator random) {
    synchronized (writeLock) {
      closed = true;
      int kept = random.nextInt(unsynced.size() + 1);
      MemoryState survivor = durable;
      Iterator<MemoryState> states = unsynced.iterator();
      for (int i = 0; i < kept; i++) {
        survivor = states.next();
      }
      return new MemoryEngine(survivor, sortedFiles.crash(random));
    }
  }

  /** Opens the data of a closed instance again, with nothing lost. */
  public MemoryEngine reopen() {
    synchronized (writeLock) {
      if (!closed) {
        throw new EngineException(
            EngineException.Kind.IN_USE, "the memory engine is still open: close it first");
      }
      return new MemoryEngine(visible, sortedFiles.finished());
    }
  }

  /** How many batches a crash now could lose. */
  public int unsyncedBatches() {
    synchronized (writeLock) {
      return unsynced.size();
    }
  }

  /** How many batches were written, for {@link #syncTo}. */
  public long written() {
    synchronized (writeLock) {
      return durableBatches + unsynced.size();
    }
  }

  /**
   * Makes the first {@code batches} durable: what a sync has done that began when so many were
   * {@link #written}, and during which others came.
   */
  public void syncTo(long batches) {
    synchronized (writeLock) {
      open();
      while (durableBatches < batches && !unsynced.isEmpty()) {
        durable = unsynced.removeFirst();
        durableBatches++;
      }
    }
  }

  private void makeDurable() {
    sortedFiles.onSync();
    durable = visible;
    durableBatches += unsynced.size();
    unsynced.clear();
  }

  private MemoryState open() {
    if (closed) {
      throw new EngineException(EngineException.Kind.CLOSED, "the engine is closed");
    }
    return visible;
  }
}
