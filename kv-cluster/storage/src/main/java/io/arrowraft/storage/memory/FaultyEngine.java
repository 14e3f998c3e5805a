package io.arrowraft.storage.memory;

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
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * An engine whose disk misbehaves when told to, in front of any other. Faults of writes and syncs
 * last, as the port demands; whoever tests a restart makes a new one on what survived.
 */
public final class FaultyEngine implements Engine {
  private final Engine sound;
  private volatile EngineException.Kind failingWrites;
  private volatile EngineException.Kind failingSyncs;
  private volatile EngineException broken;
  private volatile Runnable beforeSync = () -> {};
  private volatile CorruptDataException.Damage damage;

  public FaultyEngine(Engine sound) {
    this.sound = sound;
  }

  /** From now on writes have no effect and fail. */
  public void failWrites(EngineException.Kind kind) {
    failingWrites = kind;
  }

  /**
   * From now on syncs fail; a write that asks for one is seen by readers all the same, and whether
   * it survives is open.
   */
  public void failSyncs(EngineException.Kind kind) {
    failingSyncs = kind;
  }

  /** Runs before each sync, on its thread: a disk that stands still blocks in it. */
  public void beforeSync(Runnable stall) {
    beforeSync = stall;
  }

  /** From now on point reads of this range find damage. */
  public void damage(ColumnFamily family, byte[] start, byte[] end) {
    damage = new CorruptDataException.Damage(family, start, end);
  }

  @Override
  public void write(WriteBatch batch, boolean sync) {
    requireIntact();
    if (failingWrites != null) {
      throw fail(failingWrites, "writing");
    }
    if (!sync) {
      sound.write(batch, false);
      return;
    }
    if (failingSyncs != null) {
      sound.write(batch, false);
      throw fail(failingSyncs, "syncing");
    }
    beforeSync.run();
    sound.write(batch, true);
  }

  @Override
  public void sync() {
    requireIntact();
    if (failingSyncs != null) {
      throw fail(failingSyncs, "syncing");
    }
    beforeSync.run();
    sound.sync();
  }

  @Override
  public SortedFiles sortedFiles() {
    return sound.sortedFiles();
  }

  @Override
  public void ingest(List<SortedFiles.Name> files) {
    requireIntact();
    if (failingSyncs != null || failingWrites != null) {
      throw fail(failingSyncs != null ? failingSyncs : failingWrites, "ingesting");
    }
    beforeSync.run();
    sound.ingest(files);
  }

  private EngineException fail(EngineException.Kind kind, String action) {
    broken = new EngineException(kind, action + " failed: injected fault");
    return broken;
  }

  private void requireIntact() {
    EngineException failure = broken;
    if (failure != null) {
      throw new EngineException(
          failure.kind(), "no write is possible any more: " + failure.getMessage(), failure);
    }
  }

  @Override
  public byte[] get(ColumnFamily family, byte[] key) {
    requireReadable(family, key);
    return sound.get(family, key);
  }

  @Override
  public int get(ColumnFamily family, ByteBuffer key, ByteBuffer value) {
    byte[] wanted = new byte[key.remaining()];
    key.get(key.position(), wanted);
    requireReadable(family, wanted);
    return sound.get(family, key, value);
  }

  private void requireReadable(ColumnFamily family, byte[] key) {
    CorruptDataException.Damage range = damage;
    if (range != null
        && range.family() == family
        && Arrays.compareUnsigned(range.start(), key) <= 0
        && (range.end().length == 0 || Arrays.compareUnsigned(key, range.end()) < 0)) {
      throw CorruptDataException.at(range, "reading failed: injected damage", null);
    }
  }

  @Override
  public EngineIterator iterator(ColumnFamily family, IterateOptions options) {
    return sound.iterator(family, options);
  }

  @Override
  public EngineSnapshot snapshot() {
    return sound.snapshot();
  }

  @Override
  public long approximateSize(ColumnFamily family, byte[] start, byte[] end) {
    return sound.approximateSize(family, start, end);
  }

  @Override
  public EnginePressure pressure() {
    return sound.pressure();
  }

  @Override
  public MemoryUsage memoryUsage() {
    return sound.memoryUsage();
  }

  @Override
  public void close() {
    sound.close();
  }
}
