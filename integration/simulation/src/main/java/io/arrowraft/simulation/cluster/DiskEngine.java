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

/**
 * What one process sees of a {@link Disk}: a memory engine whose syncs take time and may fail, and
 * whose values may rot.
 */
final class DiskEngine implements Engine {
  private final Disk disk;

  DiskEngine(Disk disk) {
    this.disk = disk;
  }

  @Override
  public EngineSnapshot snapshot() {
    EngineSnapshot view = disk.engine().snapshot();
    return disk.rot().isEmpty() ? view : new RottenReader(view, disk.rot());
  }

  @Override
  public void write(WriteBatch batch, boolean sync) {
    disk.refuseIfFull();
    disk.engine().write(batch, false);
    disk.rot().onWrite(batch);
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
    return disk.rot().read(family, key, disk.engine().get(family, key));
  }

  @Override
  public int get(ColumnFamily family, ByteBuffer key, ByteBuffer value) {
    if (disk.rot().isEmpty()) {
      return disk.engine().get(family, key, value);
    }
    try (EngineSnapshot view = snapshot()) {
      return view.get(family, key, value);
    }
  }

  @Override
  public EngineIterator iterator(ColumnFamily family, IterateOptions options) {
    // Closed views of a memory engine leave their iterators usable.
    return disk.rot().isEmpty()
        ? disk.engine().iterator(family, options)
        : snapshot().iterator(family, options);
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
