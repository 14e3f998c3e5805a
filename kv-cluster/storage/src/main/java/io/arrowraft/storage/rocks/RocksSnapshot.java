package io.arrowraft.storage.rocks;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.arrowraft.storage.engine.IterateOptions;
import java.nio.ByteBuffer;
import org.rocksdb.ReadOptions;
import org.rocksdb.Snapshot;

/**
 * A native snapshot. It keeps the engine open, and its own gate keeps the native handle until the
 * last read or iterator on it has ended.
 */
final class RocksSnapshot implements EngineSnapshot {
  private final RocksEngine engine;
  private final Snapshot snapshot;
  private final ReadOptions readOptions;
  private final ReaderGate gate;

  /** Takes a snapshot; the engine has been entered for it and is left on release. */
  RocksSnapshot(RocksEngine engine) {
    this.engine = engine;
    this.snapshot = engine.db().getSnapshot();
    this.readOptions = new ReadOptions().setSnapshot(snapshot);
    this.gate = new ReaderGate("the snapshot", this::release);
  }

  @Override
  public byte[] get(ColumnFamily family, byte[] key) {
    gate.enter();
    try {
      return engine.read(family, readOptions, key);
    } finally {
      gate.leave();
    }
  }

  @Override
  public int get(ColumnFamily family, ByteBuffer key, ByteBuffer value) {
    gate.enter();
    try {
      return engine.read(family, readOptions, key, value);
    } finally {
      gate.leave();
    }
  }

  @Override
  public EngineIterator iterator(ColumnFamily family, IterateOptions options) {
    gate.enter();
    try {
      return new RocksIteratorAdapter(
          engine.db(), family, engine.handle(family), snapshot, options, gate);
    } catch (RuntimeException e) {
      gate.leave();
      throw e;
    }
  }

  @Override
  public void close() {
    gate.close();
  }

  private void release() {
    readOptions.close();
    engine.db().releaseSnapshot(snapshot);
    engine.leave();
  }
}
