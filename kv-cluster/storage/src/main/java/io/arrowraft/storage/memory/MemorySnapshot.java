package io.arrowraft.storage.memory;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.arrowraft.storage.engine.IterateOptions;
import java.nio.ByteBuffer;

/** A reference to an immutable state. */
final class MemorySnapshot implements EngineSnapshot {
  private volatile MemoryState state;

  MemorySnapshot(MemoryState state) {
    this.state = state;
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
  public void close() {
    state = null;
  }

  private MemoryState open() {
    MemoryState current = state;
    if (current == null) {
      throw new EngineException(EngineException.Kind.CLOSED, "the snapshot is closed");
    }
    return current;
  }
}
