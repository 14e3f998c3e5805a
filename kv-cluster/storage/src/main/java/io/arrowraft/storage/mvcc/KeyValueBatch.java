package io.arrowraft.storage.mvcc;

import io.arrowraft.runtime.Bytes;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Rows as two direct buffers with offsets, reused from fill to fill. Row {@code i} has its user key
 * at {@code keys[keyOffsets[i] .. keyOffsets[i + 1])} and its value likewise. Not thread-safe.
 */
public final class KeyValueBatch {
  private static final int INITIAL_BYTES = 64 * 1024;
  private static final int INITIAL_ROWS = 1024;

  private final int bytesMax;
  private ByteBuffer keys = ByteBuffer.allocateDirect(INITIAL_BYTES);
  private ByteBuffer values = ByteBuffer.allocateDirect(INITIAL_BYTES);
  private int[] keyOffsets = new int[INITIAL_ROWS + 1];
  private int[] valueOffsets = new int[INITIAL_ROWS + 1];
  private int rows;

  /**
   * An empty batch.
   *
   * @param bytesMax the batch is full when its keys and values reach this size; the row that
   *     reaches it is still in
   */
  public KeyValueBatch(int bytesMax) {
    if (bytesMax <= 0) {
      throw new IllegalArgumentException("bytesMax must be positive, was " + bytesMax);
    }
    this.bytesMax = bytesMax;
  }

  public int rows() {
    return rows;
  }

  /** The user keys; valid up to the last offset until the next fill. */
  public ByteBuffer keys() {
    return keys;
  }

  /** {@link #rows()} + 1 offsets into the keys are in use. */
  public int[] keyOffsets() {
    return keyOffsets;
  }

  /** The values; valid up to the last offset until the next fill. */
  public ByteBuffer values() {
    return values;
  }

  /** {@link #rows()} + 1 offsets into the values are in use. */
  public int[] valueOffsets() {
    return valueOffsets;
  }

  /** A copy of one key. */
  public Bytes key(int row) {
    return copy(keys, keyOffsets, row);
  }

  /** A copy of one value. */
  public Bytes value(int row) {
    return copy(values, valueOffsets, row);
  }

  /** Bytes of keys and values. */
  public long byteSize() {
    return keyOffsets[rows] + (long) valueOffsets[rows];
  }

  public boolean isFull() {
    return byteSize() >= bytesMax;
  }

  /** Forgets all rows and keeps the memory. */
  public void clear() {
    rows = 0;
    keys.clear();
    values.clear();
  }

  /** Forgets all rows but the first {@code count}. */
  void truncate(int count) {
    rows = count;
  }

  /** Starts a row by decoding its key; {@link #endRow()} makes it count. */
  void startRow(byte[] encodedKey, int encodedLength) {
    keys.position(keyOffsets[rows]);
    values.position(valueOffsets[rows]);
    int size = MvccKeys.decodedLength(encodedKey, encodedLength);
    keys = room(keys, size);
    int left = size;
    for (int group = 0; left > 0; group += 9) {
      int part = Math.min(8, left);
      keys.put(encodedKey, group, part);
      left -= part;
    }
  }

  void appendValue(byte[] source, int offset, int length) {
    values = room(values, length);
    values.put(source, offset, length);
  }

  /** The value buffer, with at least {@code size} bytes of room after its position. */
  ByteBuffer valueRoom(int size) {
    values = room(values, size);
    return values;
  }

  void endRow() {
    rows++;
    if (rows == keyOffsets.length) {
      keyOffsets = Arrays.copyOf(keyOffsets, 2 * rows);
      valueOffsets = Arrays.copyOf(valueOffsets, 2 * rows);
    }
    keyOffsets[rows] = keys.position();
    valueOffsets[rows] = values.position();
  }

  private static ByteBuffer room(ByteBuffer buffer, int needed) {
    if (buffer.remaining() >= needed) {
      return buffer;
    }
    int wanted = Math.addExact(buffer.position(), needed);
    int capacity = Math.max(wanted, Math.min(buffer.capacity(), Integer.MAX_VALUE / 2) * 2);
    ByteBuffer larger = ByteBuffer.allocateDirect(capacity);
    buffer.flip();
    larger.put(buffer);
    return larger;
  }

  private static Bytes copy(ByteBuffer buffer, int[] offsets, int row) {
    byte[] content = new byte[offsets[row + 1] - offsets[row]];
    buffer.get(offsets[row], content);
    return Bytes.wrap(content);
  }
}
