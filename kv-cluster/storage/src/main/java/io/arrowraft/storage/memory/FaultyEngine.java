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

  /**
   * From now on reads of this range find damage: those of its keys, and iterators that come upon
   * what is stored there, in views that are open already as well.
   */
  public void damage(ColumnFamily family, byte[] start, byte[] end) {
    damage = new CorruptDataException.Damage(family, start, end);
  }

  /** From now on everything can be read again. */
  public void repair() {
    damage = null;
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
    if (isDamaged(family, key)) {
      throw CorruptDataException.at(
          new CorruptDataException.Damage(family, key, Arrays.copyOf(key, key.length + 1)),
          "reading failed: injected damage",
          null);
    }
  }

  private boolean isDamaged(ColumnFamily family, byte[] key) {
    CorruptDataException.Damage range = damage;
    return range != null
        && range.family() == family
        && Arrays.compareUnsigned(range.start(), key) <= 0
        && (range.end().length == 0 || Arrays.compareUnsigned(key, range.end()) < 0);
  }

  @Override
  public EngineIterator iterator(ColumnFamily family, IterateOptions options) {
    return new DamagedIterator(sound.iterator(family, options), family, options);
  }

  @Override
  public EngineSnapshot snapshot() {
    return new DamagedView(sound.snapshot());
  }

  private final class DamagedView implements EngineSnapshot {
    private final EngineSnapshot view;

    private DamagedView(EngineSnapshot view) {
      this.view = view;
    }

    @Override
    public byte[] get(ColumnFamily family, byte[] key) {
      requireReadable(family, key);
      return view.get(family, key);
    }

    @Override
    public int get(ColumnFamily family, ByteBuffer key, ByteBuffer value) {
      byte[] wanted = new byte[key.remaining()];
      key.get(key.position(), wanted);
      requireReadable(family, wanted);
      return view.get(family, key, value);
    }

    @Override
    public EngineIterator iterator(ColumnFamily family, IterateOptions options) {
      return new DamagedIterator(view.iterator(family, options), family, options);
    }

    @Override
    public void close() {
      view.close();
    }
  }

  /** Knows of damage what an engine's iterator knows: that it is somewhere within its bounds. */
  private final class DamagedIterator implements EngineIterator {
    private final EngineIterator keys;
    private final ColumnFamily family;
    private final IterateOptions options;

    private DamagedIterator(EngineIterator keys, ColumnFamily family, IterateOptions options) {
      this.keys = keys;
      this.family = family;
      this.options = options;
    }

    private boolean moved(boolean valid) {
      if (valid && isDamaged(family, keys.key())) {
        throw CorruptDataException.at(
            new CorruptDataException.Damage(family, options.lower(), options.upper()),
            "moving an iterator failed: injected damage",
            null);
      }
      return valid;
    }

    @Override
    public boolean seek(byte[] key) {
      return moved(keys.seek(key));
    }

    @Override
    public boolean seek(ByteBuffer key) {
      return moved(keys.seek(key));
    }

    @Override
    public boolean seekForPrev(byte[] key) {
      return moved(keys.seekForPrev(key));
    }

    @Override
    public boolean seekToFirst() {
      return moved(keys.seekToFirst());
    }

    @Override
    public boolean seekToLast() {
      return moved(keys.seekToLast());
    }

    @Override
    public boolean next() {
      return moved(keys.next());
    }

    @Override
    public boolean prev() {
      return moved(keys.prev());
    }

    @Override
    public boolean valid() {
      return keys.valid();
    }

    @Override
    public byte[] key() {
      return keys.key();
    }

    @Override
    public byte[] value() {
      return keys.value();
    }

    @Override
    public int key(ByteBuffer target) {
      return keys.key(target);
    }

    @Override
    public int value(ByteBuffer target) {
      return keys.value(target);
    }

    @Override
    public void close() {
      keys.close();
    }
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
