package io.arrowraft.storage.engine;

import java.nio.ByteBuffer;

/**
 * A cursor over one column family between the bounds it was opened with. The moving methods return
 * whether the cursor stands on a key afterwards; a moved-off cursor may be positioned again.
 */
public interface EngineIterator extends AutoCloseable {
  /** Moves to the first key at or after {@code key}. */
  boolean seek(byte[] key);

  /**
   * Moves to the first key at or after the remaining bytes of {@code key}, which is not consumed.
   */
  boolean seek(ByteBuffer key);

  /** Moves to the last key at or before {@code key}. */
  boolean seekForPrev(byte[] key);

  /** Moves to the first key within the bounds. */
  boolean seekToFirst();

  /** Moves to the last key within the bounds. */
  boolean seekToLast();

  /** Moves one key forward; only when {@link #valid()}. */
  boolean next();

  /** Moves one key back; only when {@link #valid()}. */
  boolean prev();

  /** Whether the cursor stands on a key. */
  boolean valid();

  /** The current key, in a new array. */
  byte[] key();

  /** The current value, in a new array. */
  byte[] value();

  /**
   * Copies the current key into {@code target}, direct or backed by an array, without allocating.
   * When it fits, the position moves past it; otherwise the position is unchanged, the contents
   * after it are undefined, and the caller retries with more room.
   *
   * @return the size of the key in bytes
   */
  int key(ByteBuffer target);

  /** Copies the current value into {@code target}, as {@link #key(ByteBuffer)} does the key. */
  int value(ByteBuffer target);

  /** Releases the cursor; idempotent. */
  @Override
  void close();
}
