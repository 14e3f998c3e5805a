package io.arrowraft.storage.engine;

import java.nio.ByteBuffer;

/** Point reads and iterators over one state of an engine. */
public interface EngineReader {

  /**
   * Returns the value of a key, or null when it is absent. An empty array is a value.
   *
   * @throws EngineException when the engine is closed or its data cannot be read
   */
  byte[] get(ColumnFamily family, byte[] key);

  /**
   * Copies the value of a key into {@code value} without allocating.
   *
   * <p>Both buffers are direct, or both are backed by arrays. When the value fits, the position of
   * {@code value} moves past it. When it does not, the position is unchanged, the contents after it
   * are undefined, and the caller retries with more room.
   *
   * @return the size of the value in bytes, or -1 when the key is absent
   */
  int get(ColumnFamily family, ByteBuffer key, ByteBuffer value);

  /** Opens an iterator over the keys within the bounds of {@code options}, not yet positioned. */
  EngineIterator iterator(ColumnFamily family, IterateOptions options);
}
