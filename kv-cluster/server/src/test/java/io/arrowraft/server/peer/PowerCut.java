package io.arrowraft.server.peer;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EnginePressure;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.arrowraft.storage.engine.IterateOptions;
import io.arrowraft.storage.engine.MemoryUsage;
import io.arrowraft.storage.engine.SortedFiles;
import io.arrowraft.storage.engine.WriteBatch;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Counts what a store writes, to its data engine and to its log, and cuts its power right after the
 * write that it is told: the write is there, and nothing that would have come after it happens.
 */
final class PowerCut {
  /** Unwinds the task that was running; nothing of the store goes on after it. */
  static final class Lost extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private Lost() {
      super("the power is cut");
    }
  }

  private long left = Long.MAX_VALUE;
  private boolean lost;
  private TestWorld.Life life;

  /** The store has power again. */
  void attach(TestWorld.Life newLife) {
    life = newLife;
    lost = false;
    left = Long.MAX_VALUE;
  }

  /** Cuts the power after so many more writes. */
  void after(long writes) {
    left = writes;
  }

  boolean isLost() {
    return lost;
  }

  /** A write is done. */
  private void step() {
    if (--left == 0) {
      lost = true;
      life.end();
      throw new Lost();
    }
  }

  private void requirePower() {
    if (lost) {
      throw new Lost();
    }
  }

  /** A write of the log is done; whether anybody may hear of it. */
  boolean isHeardOf() {
    if (--left == 0) {
      lost = true;
      life.end();
    }
    return !lost;
  }

  Engine over(Engine engine) {
    return new Powered(engine);
  }

  private final class Powered implements Engine {
    private final Engine engine;

    private Powered(Engine engine) {
      this.engine = engine;
    }

    @Override
    public void write(WriteBatch batch, boolean sync) {
      requirePower();
      engine.write(batch, sync);
      step();
    }

    @Override
    public void sync() {
      requirePower();
      engine.sync();
      step();
    }

    @Override
    public SortedFiles sortedFiles() {
      return engine.sortedFiles();
    }

    @Override
    public void ingest(List<SortedFiles.Name> files) {
      requirePower();
      engine.ingest(files);
      step();
    }

    @Override
    public byte[] get(ColumnFamily family, byte[] key) {
      return engine.get(family, key);
    }

    @Override
    public int get(ColumnFamily family, ByteBuffer key, ByteBuffer value) {
      return engine.get(family, key, value);
    }

    @Override
    public EngineIterator iterator(ColumnFamily family, IterateOptions options) {
      return engine.iterator(family, options);
    }

    @Override
    public EngineSnapshot snapshot() {
      return engine.snapshot();
    }

    @Override
    public long approximateSize(ColumnFamily family, byte[] start, byte[] end) {
      return engine.approximateSize(family, start, end);
    }

    @Override
    public EnginePressure pressure() {
      return engine.pressure();
    }

    @Override
    public MemoryUsage memoryUsage() {
      return engine.memoryUsage();
    }

    @Override
    public void close() {
      engine.close();
    }
  }
}
