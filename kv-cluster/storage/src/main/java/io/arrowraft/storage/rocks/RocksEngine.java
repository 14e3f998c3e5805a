package io.arrowraft.storage.rocks;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EnginePressure;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.arrowraft.storage.engine.IterateOptions;
import io.arrowraft.storage.engine.MemoryUsage;
import io.arrowraft.storage.engine.SortedFiles;
import io.arrowraft.storage.engine.WriteBatch;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.Range;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SizeApproximationFlag;
import org.rocksdb.Slice;
import org.rocksdb.WriteOptions;

/** One RocksDB instance behind the engine port. */
public final class RocksEngine implements Engine {
  private static final byte[] BEYOND_ALL_KEYS = beyondAllKeys();

  /** Where sorted files wait, below the instance's directory. */
  private static final String STAGED = "staged";

  private final Path directory;
  private final RocksMemory memory;
  private final Duration closeDeadline;
  private final boolean manualWalFlush;
  private final RocksConfiguration configuration;
  private final RocksDB db;
  private final ColumnFamilyHandle[] handles = new ColumnFamilyHandle[ColumnFamily.values().length];
  private final List<ColumnFamily> families;
  private final ReadOptions latest = new ReadOptions();
  private final WriteOptions buffered = new WriteOptions();
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final ReaderGate gate;

  /** Null until somebody measures. */
  private volatile Timer syncs;

  /** The first failure of a write or sync, which no later one may seem to have mended. */
  private volatile EngineException broken;

  /** Different each time an instance is opened. */
  private final long incarnation = System.currentTimeMillis() << 20 ^ System.nanoTime();

  /** Up to here everything is known to be durable. */
  private final AtomicLong durableSequence = new AtomicLong();

  private final RocksSortedFiles sortedFiles;

  /** Held while files are ingested, one call at a time. */
  private final Object ingesting = new Object();

  /**
   * While files are ingested, nothing past this sequence is called durable. Ingesting takes
   * sequence numbers that are not in the log; {@link WalAudit} would miss them, until a mark stands
   * behind them.
   */
  private volatile long durableBound = Long.MAX_VALUE;

  private RocksEngine(
      Path directory, List<ColumnFamily> families, RocksOptions options, RocksMemory memory)
      throws RocksDBException {
    this.directory = directory;
    this.memory = memory;
    this.families = families;
    this.closeDeadline = options.closeDeadline();
    this.manualWalFlush = options.manualWalFlush();
    this.configuration = new RocksConfiguration(families, options, memory);
    List<ColumnFamilyHandle> opened = new ArrayList<>();
    try {
      this.db =
          RocksDB.open(
              configuration.database(), directory.toString(), configuration.descriptors(), opened);
    } catch (RocksDBException e) {
      configuration.close();
      latest.close();
      buffered.close();
      synced.close();
      throw e;
    }
    for (int i = 0; i < families.size(); i++) {
      handles[families.get(i).ordinal()] = opened.get(i);
    }
    this.gate = new ReaderGate("the engine in " + directory, this::release);
    this.sortedFiles = new RocksSortedFiles(directory.resolve(STAGED), gate, configuration);
  }

  /**
   * Opens or creates an instance.
   *
   * @param families the families of the instance, {@link ColumnFamily#DEFAULT} among them; an
   *     existing instance is opened with those it was created with
   * @throws EngineException of kind IN_USE when another process has the directory open
   */
  public static RocksEngine open(
      Path directory, List<ColumnFamily> families, RocksOptions options, RocksMemory memory) {
    if (!families.contains(ColumnFamily.DEFAULT)) {
      throw new IllegalArgumentException("an instance needs the family DEFAULT: " + families);
    }
    memory.enter();
    try {
      Files.createDirectories(directory);
      WalAudit.check(directory);
      RocksSortedFiles.clean(directory.resolve(STAGED));
      return new RocksEngine(directory, List.copyOf(families), options, memory);
    } catch (EngineException e) {
      memory.leave();
      throw e;
    } catch (RocksDBException e) {
      memory.leave();
      throw openFailure(directory, e);
    } catch (IOException e) {
      memory.leave();
      throw new EngineException(
          EngineException.Kind.IO, "cannot create the directory " + directory, e);
    }
  }

  /** RocksDB has no status code for a held lock: the name of its lock file is all there is. */
  private static EngineException openFailure(Path directory, RocksDBException cause) {
    String message = String.valueOf(cause.getMessage());
    if (message.contains(directory.resolve("LOCK").toString())) {
      return new EngineException(
          EngineException.Kind.IN_USE,
          "data directory "
              + directory
              + " is in use by another process; stop it or choose another directory",
          cause);
    }
    return RocksErrors.translate("opening the engine in " + directory, cause);
  }

  @Override
  public byte[] get(ColumnFamily family, byte[] key) {
    gate.enter();
    try {
      return read(family, latest, key);
    } finally {
      gate.leave();
    }
  }

  @Override
  public int get(ColumnFamily family, ByteBuffer key, ByteBuffer value) {
    gate.enter();
    try {
      return read(family, latest, key, value);
    } finally {
      gate.leave();
    }
  }

  @Override
  public EngineIterator iterator(ColumnFamily family, IterateOptions options) {
    gate.enter();
    try {
      return new RocksIteratorAdapter(db, family, handle(family), null, options, gate);
    } catch (RuntimeException e) {
      gate.leave();
      throw e;
    }
  }

  @Override
  public EngineSnapshot snapshot() {
    gate.enter();
    try {
      return new RocksSnapshot(this);
    } catch (RuntimeException e) {
      gate.leave();
      throw e;
    }
  }

  @Override
  public void write(WriteBatch batch, boolean sync) {
    gate.enter();
    try {
      requireIntact();
      RocksBatchEncoder encoder =
          new RocksBatchEncoder(family -> handle(family).getID(), this::lastKey);
      byte[] encoded = encoder.encode(batch, mark());
      Timer timer = sync ? syncs : null;
      long begin = timer == null ? 0 : System.nanoTime();
      long before = sync ? knownSequence() : 0;
      try (org.rocksdb.WriteBatch nativeBatch = new org.rocksdb.WriteBatch(encoded)) {
        db.write(sync && !manualWalFlush ? synced : buffered, nativeBatch);
      }
      if (sync && manualWalFlush) {
        db.flushWal(true);
      }
      if (sync) {
        // Its own numbers follow those of what was written before, if not at once.
        durableSequence.accumulateAndGet(before + encoder.count(), Math::max);
      }
      if (timer != null) {
        timer.record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
      }
    } catch (RocksDBException e) {
      throw fail(RocksErrors.translate("writing to " + directory, e));
    } finally {
      gate.leave();
    }
  }

  @Override
  public void sync() {
    gate.enter();
    try {
      requireIntact();
      long before = knownSequence();
      db.flushWal(true);
      if (durableSequence.getAndAccumulate(before, Math::max) < before) {
        vouch();
      }
    } catch (RocksDBException e) {
      throw fail(RocksErrors.translate("syncing " + directory, e));
    } finally {
      gate.leave();
    }
  }

  /** The newest sequence number of which everything up to it is in the log, or ingested. */
  private long knownSequence() {
    // In this order: who sees a number that ingesting took sees the bound, or the mark is written.
    long latest = db.getLatestSequenceNumber();
    return Math.min(latest, durableBound);
  }

  @Override
  public SortedFiles sortedFiles() {
    return sortedFiles;
  }

  @Override
  public void ingest(List<SortedFiles.Name> files) {
    gate.enter();
    try {
      synchronized (ingesting) {
        requireIntact();
        sync();
        durableBound = db.getLatestSequenceNumber();
        try {
          for (SortedFiles.Name file : files) {
            sortedFiles.ingest(this, file);
          }
        } finally {
          vouch();
          durableBound = Long.MAX_VALUE;
        }
      }
    } catch (RocksDBException e) {
      EngineException failure = RocksErrors.translate("ingesting into " + directory, e);
      throw failure.kind() == EngineException.Kind.CORRUPTION ? failure : fail(failure);
    } finally {
      gate.leave();
    }
  }

  private RocksBatchEncoder.Mark mark() {
    return new RocksBatchEncoder.Mark(durableSequence.get(), incarnation);
  }

  /** Puts a mark behind what was synced; see {@link WalAudit}. */
  private void vouch() throws RocksDBException {
    try (org.rocksdb.WriteBatch mark =
        new org.rocksdb.WriteBatch(RocksBatchEncoder.markOnly(mark()))) {
      db.write(buffered, mark);
    }
  }

  /**
   * After a failed sync the system may have dropped what could not be written and call the next
   * sync a success. So there is no next one.
   */
  private void requireIntact() {
    EngineException failure = broken;
    if (failure != null) {
      throw new EngineException(
          failure.kind(), "no write is possible any more: " + failure.getMessage(), failure);
    }
  }

  private EngineException fail(EngineException failure) {
    if (failure.kind() != EngineException.Kind.CLOSED && broken == null) {
      broken = failure;
    }
    return failure;
  }

  @Override
  public EnginePressure pressure() {
    gate.enter();
    try {
      int level0Files = 0;
      long fullBuffers = 0;
      long pendingBytes = 0;
      for (ColumnFamily family : families) {
        ColumnFamilyHandle handle = handle(family);
        level0Files =
            Math.max(
                level0Files,
                Integer.parseInt(db.getProperty(handle, "rocksdb.num-files-at-level0")));
        fullBuffers =
            Math.max(fullBuffers, db.getLongProperty(handle, "rocksdb.num-immutable-mem-table"));
        pendingBytes =
            Math.max(
                pendingBytes,
                db.getLongProperty(handle, "rocksdb.estimate-pending-compaction-bytes"));
      }
      return new EnginePressure(
          level0Files,
          (int) fullBuffers,
          pendingBytes,
          db.getLongProperty("rocksdb.is-write-stopped") != 0);
    } catch (RocksDBException e) {
      throw RocksErrors.translate("reading the properties of " + directory, e);
    } finally {
      gate.leave();
    }
  }

  @Override
  public long approximateSize(ColumnFamily family, byte[] start, byte[] end) {
    byte[] limit = end.length == 0 ? BEYOND_ALL_KEYS : end;
    if (Arrays.compareUnsigned(start, limit) >= 0) {
      return 0;
    }
    gate.enter();
    try (Slice from = new Slice(start);
        Slice to = new Slice(limit)) {
      return db.getApproximateSizes(
              handle(family),
              List.of(new Range(from, to)),
              SizeApproximationFlag.INCLUDE_FILES,
              SizeApproximationFlag.INCLUDE_MEMTABLES)[0];
    } finally {
      gate.leave();
    }
  }

  @Override
  public MemoryUsage memoryUsage() {
    gate.enter();
    try {
      long writeBuffers = 0;
      long tableReaders = 0;
      for (ColumnFamily family : families) {
        writeBuffers += db.getLongProperty(handle(family), "rocksdb.cur-size-all-mem-tables");
        tableReaders += db.getLongProperty(handle(family), "rocksdb.estimate-table-readers-mem");
      }
      return new MemoryUsage(memory.cacheUsage(), writeBuffers, tableReaders);
    } catch (RocksDBException e) {
      throw RocksErrors.translate("reading the properties of " + directory, e);
    } finally {
      gate.leave();
    }
  }

  @Override
  public void close() {
    gate.close();
    try {
      long open = gate.awaitReleased(closeDeadline);
      if (open > 0) {
        throw new EngineException(
            EngineException.Kind.BUSY,
            open
                + " readers of "
                + directory
                + " are still open after "
                + closeDeadline
                + "; the engine is released when the last of them closes");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException(
          EngineException.Kind.BUSY, "interrupted while closing " + directory, e);
    }
  }

  /**
   * Shows what the instance does.
   *
   * @param name tells the instances of a process apart
   */
  public void measure(String name, MeterRegistry meters) {
    syncs =
        Timer.builder("arrowraft_engine_synced_write_seconds")
            .description("Writes that wait for the disk")
            .tag("engine", name)
            .register(meters);
    new RocksMeters(this, configuration.statistics(), families, name, meters).register();
  }

  /** Takes a look at the native instance; not a number if that is closed or cannot tell. */
  double observe(RocksMeters.Look look) {
    try {
      gate.enter();
    } catch (EngineException closed) {
      return Double.NaN;
    }
    try {
      return look.take();
    } catch (RocksDBException | EngineException unknown) {
      return Double.NaN;
    } finally {
      gate.leave();
    }
  }

  long cacheUsage() {
    return memory.cacheUsage();
  }

  RocksDB db() {
    return db;
  }

  ColumnFamilyHandle handle(ColumnFamily family) {
    ColumnFamilyHandle handle = handles[family.ordinal()];
    if (handle == null) {
      throw new IllegalArgumentException(
          "the engine in " + directory + " has no family " + family + ", only " + families);
    }
    return handle;
  }

  /** Reads on behalf of a holder of the gate. */
  byte[] read(ColumnFamily family, ReadOptions options, byte[] key) {
    try {
      return db.get(handle(family), options, key);
    } catch (RocksDBException e) {
      throw RocksErrors.translate("reading from " + directory, keyRead(family, key), e);
    }
  }

  /** Reads on behalf of a holder of the gate. */
  int read(ColumnFamily family, ReadOptions options, ByteBuffer key, ByteBuffer value) {
    int keyPosition = key.position();
    int start = value.position();
    int limit = value.limit();
    if (!key.isDirect()) {
      return readIntoArray(family, options, key, value);
    }
    try {
      int size = db.get(handle(family), options, key, value);
      key.position(keyPosition);
      return size == RocksDB.NOT_FOUND
          ? -1
          : RocksIteratorAdapter.settle(value, start, limit, size);
    } catch (RocksDBException e) {
      byte[] wanted = new byte[key.limit() - keyPosition];
      key.get(keyPosition, wanted);
      throw RocksErrors.translate("reading from " + directory, keyRead(family, wanted), e);
    }
  }

  private int readIntoArray(
      ColumnFamily family, ReadOptions options, ByteBuffer key, ByteBuffer value) {
    byte[] wanted = new byte[key.remaining()];
    key.get(key.position(), wanted);
    byte[] found = read(family, options, wanted);
    if (found == null) {
      return -1;
    }
    if (found.length <= value.remaining()) {
      value.put(found);
    }
    return found.length;
  }

  private static CorruptDataException.Damage keyRead(ColumnFamily family, byte[] key) {
    return new CorruptDataException.Damage(family, key, Arrays.copyOf(key, key.length + 1));
  }

  /** Ends the stay of a snapshot. */
  void leave() {
    gate.leave();
  }

  private byte[] lastKey(ColumnFamily family) {
    gate.enter();
    try (RocksIteratorAdapter iterator =
        new RocksIteratorAdapter(db, family, handle(family), null, IterateOptions.all(), gate)) {
      return iterator.seekToLast() ? iterator.key() : null;
    }
  }

  private void release() {
    for (ColumnFamilyHandle handle : handles) {
      if (handle != null) {
        handle.close();
      }
    }
    try {
      db.closeE();
    } catch (RocksDBException e) {
      EngineException known = broken;
      if (known == null) {
        throw RocksErrors.translate("closing the engine in " + directory, e);
      }
      known.addSuppressed(e); // only the same again
    } finally {
      latest.close();
      buffered.close();
      synced.close();
      configuration.close();
      memory.leave();
    }
  }

  /** Longer than any key that the product accepts, and of the greatest bytes. */
  private static byte[] beyondAllKeys() {
    byte[] key = new byte[64];
    Arrays.fill(key, (byte) 0xff);
    return key;
  }
}
