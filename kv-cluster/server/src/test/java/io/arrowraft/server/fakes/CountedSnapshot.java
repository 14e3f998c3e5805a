package io.arrowraft.server.fakes;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.arrowraft.storage.engine.IterateOptions;
import java.nio.ByteBuffer;

/** A snapshot that says when it is closed. */
final class CountedSnapshot implements EngineSnapshot {
  private final EngineSnapshot inner;
  private final Runnable onClose;
  private boolean closed;

  CountedSnapshot(EngineSnapshot inner, Runnable onClose) {
    this.inner = inner;
    this.onClose = onClose;
  }

  @Override
  public byte[] get(ColumnFamily family, byte[] key) {
    return inner.get(family, key);
  }

  @Override
  public int get(ColumnFamily family, ByteBuffer key, ByteBuffer value) {
    return inner.get(family, key, value);
  }

  @Override
  public EngineIterator iterator(ColumnFamily family, IterateOptions options) {
    return inner.iterator(family, options);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      inner.close();
      onClose.run();
    }
  }
}
