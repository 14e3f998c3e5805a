package io.arrowraft.simulation.cluster;

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

/** What one process sees of a {@link Disk}: a memory engine whose syncs take time and may fail. */
final class DiskEngine implements Engine {
  private final Disk disk;

  DiskEngine(Disk disk) {
    this.disk = disk;
  }

  @Override
  public EngineSnapshot snapshot() {
    return disk.engine().snapshot();
  }

  @Override
  public void write(WriteBatch batch, boolean sync) {
    disk.refuseIfFull();
    disk.engine().write(batch, false);
    if (sync) {
      disk.sync();
    }
  }

  @Override
  public void sync() {
    disk.sync();
  }

  @Override
  public SortedFiles sortedFiles() {
    return disk.engine().sortedFiles();
  }

  @Override
  public void ingest(List<SortedFiles.Name> files) {
    disk.refuseIfFull();
    disk.sync();
    disk.engine().ingest(files);
  }

  @Override
  public byte[] get(ColumnFamily family, byte[] key) {
    return disk.engine().get(family, key);
  }

  @Override
  public int get(ColumnFamily family, ByteBuffer key, ByteBuffer value) {
    return disk.engine().get(family, key, value);
  }

  @Override
  public EngineIterator iterator(ColumnFamily family, IterateOptions options) {
    return disk.engine().iterator(family, options);
  }

  @Override
  public long approximateSize(ColumnFamily family, byte[] start, byte[] end) {
    return disk.engine().approximateSize(family, start, end);
  }

  @Override
  public EnginePressure pressure() {
    return disk.engine().pressure();
  }

  @Override
  public MemoryUsage memoryUsage() {
    return disk.engine().memoryUsage();
  }

  @Override
  public void close() {
    disk.engine().close();
  }
}
