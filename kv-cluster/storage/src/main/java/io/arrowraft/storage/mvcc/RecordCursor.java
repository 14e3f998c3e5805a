package io.arrowraft.storage.mvcc;

import io.arrowraft.storage.engine.EngineIterator;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * An iterator over versioned keys whose current key is kept in a reused array, so that comparing it
 * allocates nothing.
 */
final class RecordCursor implements AutoCloseable {
  private static final int INITIAL_BYTES = 256;

  private final EngineIterator iterator;
  private final ReadCounters counters;
  private ByteBuffer key = ByteBuffer.allocate(INITIAL_BYTES);
  private ByteBuffer value = ByteBuffer.allocate(2 * INITIAL_BYTES);
  private int keyLength;
  private boolean valid;

  RecordCursor(EngineIterator iterator, ReadCounters counters) {
    this.iterator = iterator;
    this.counters = counters;
  }

  boolean seek(byte[] target) {
    counters.seeks++;
    return loaded(iterator.seek(target));
  }

  boolean seekForPrev(byte[] target) {
    counters.seeks++;
    return loaded(iterator.seekForPrev(target));
  }

  boolean seekToFirst() {
    counters.seeks++;
    return loaded(iterator.seekToFirst());
  }

  boolean seekToLast() {
    counters.seeks++;
    return loaded(iterator.seekToLast());
  }

  boolean next() {
    return loaded(iterator.next());
  }

  boolean prev() {
    return loaded(iterator.prev());
  }

  boolean valid() {
    return valid;
  }

  /** The array that holds the current key in its first {@link #keyLength()} bytes. */
  byte[] key() {
    return key.array();
  }

  int keyLength() {
    return keyLength;
  }

  /** The length of the current key without its version suffix. */
  int userLength() {
    return keyLength - MvccKeys.TIMESTAMP_BYTES;
  }

  long timestamp() {
    return MvccKeys.timestamp(key.array(), keyLength);
  }

  /** Whether the current key is a version of the encoded key given. */
  boolean isVersionOf(byte[] encoded, int length) {
    return valid
        && userLength() == length
        && Arrays.equals(key.array(), 0, length, encoded, 0, length);
  }

  /** Reads the current record in place. */
  WriteView parse(WriteView view) {
    counters.scannedVersions++;
    value.clear();
    int size = iterator.value(value);
    if (size > value.capacity()) {
      value = ByteBuffer.allocate(size * 2);
      iterator.value(value);
    }
    return view.parse(value.array(), size);
  }

  /** Gives away the array of the record parsed last and goes on with another one. */
  void exchangeValue(ByteBuffer spare) {
    value = spare;
  }

  ByteBuffer valueBuffer() {
    return value;
  }

  @Override
  public void close() {
    valid = false;
    iterator.close();
  }

  private boolean loaded(boolean standing) {
    valid = standing;
    if (standing) {
      key.clear();
      keyLength = iterator.key(key);
      if (keyLength > key.capacity()) {
        key = ByteBuffer.allocate(keyLength * 2);
        iterator.key(key);
      }
      MvccKeys.checkVersioned(key.array(), keyLength);
    }
    return standing;
  }
}
