package io.arrowraft.coprocessor.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Rows as a source yields them: keys and values, each in one buffer with offsets, and no object per
 * row. Row {@code i} is the bytes from {@code offsets[i]} to {@code offsets[i + 1]}.
 *
 * <p>A source either lends buffers of its own with {@link #borrow}, or appends to those of the
 * batch. What the batch shows stays unchanged until the next fill.
 */
public final class KeyValueBatch {
  private static final int INITIAL_BYTES = 64 << 10;

  private ByteBuffer ownKeys = allocate(INITIAL_BYTES);
  private ByteBuffer ownValues = allocate(INITIAL_BYTES);
  private int[] ownKeyOffsets = new int[1025];
  private int[] ownValueOffsets = new int[1025];

  private ByteBuffer keys = ownKeys;
  private ByteBuffer values = ownValues;
  private int[] keyOffsets = ownKeyOffsets;
  private int[] valueOffsets = ownValueOffsets;
  private int rows;

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Empties the batch; rows can be appended to its own buffers. */
  public void clear() {
    ownKeys.clear();
    ownValues.clear();
    keys = ownKeys;
    values = ownValues;
    keyOffsets = ownKeyOffsets;
    valueOffsets = ownValueOffsets;
    rows = 0;
  }

  /**
   * Shows rows that lie in buffers of the source, without a copy. Positions and limits of the
   * buffers do not matter; each must reach to its last offset. The source leaves them unchanged
   * until it is asked to fill again.
   */
  public void borrow(
      ByteBuffer sourceKeys,
      int[] sourceKeyOffsets,
      ByteBuffer sourceValues,
      int[] sourceValueOffsets,
      int count) {
    keys = view(sourceKeys);
    values = view(sourceValues);
    keyOffsets = sourceKeyOffsets;
    valueOffsets = sourceValueOffsets;
    rows = count;
  }

  private static ByteBuffer view(ByteBuffer buffer) {
    ByteBuffer view = buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    view.clear();
    return view;
  }

  /** Appends a row to the batch's own buffers; call {@link #clear} before the first one. */
  public void append(ByteBuffer key, ByteBuffer value) {
    if (rows + 1 >= ownKeyOffsets.length) {
      ownKeyOffsets = Arrays.copyOf(ownKeyOffsets, ownKeyOffsets.length * 2);
      ownValueOffsets = Arrays.copyOf(ownValueOffsets, ownValueOffsets.length * 2);
      keyOffsets = ownKeyOffsets;
      valueOffsets = ownValueOffsets;
    }
    ownKeys = withRoom(ownKeys, key.remaining());
    ownValues = withRoom(ownValues, value.remaining());
    keys = ownKeys;
    values = ownValues;
    ownKeys.put(key.duplicate());
    ownValues.put(value.duplicate());
    rows++;
    ownKeyOffsets[rows] = ownKeys.position();
    ownValueOffsets[rows] = ownValues.position();
  }

  private static ByteBuffer withRoom(ByteBuffer buffer, int bytes) {
    if (buffer.remaining() >= bytes) {
      return buffer;
    }
    ByteBuffer larger =
        allocate(Math.max(buffer.capacity() * 2, Math.addExact(buffer.position(), bytes)));
    larger.put(buffer.flip());
    return larger;
  }

  public int rows() {
    return rows;
  }

  /** Little endian; read it at absolute positions only. */
  ByteBuffer keys() {
    return keys;
  }

  ByteBuffer values() {
    return values;
  }

  int[] keyOffsets() {
    return keyOffsets;
  }

  int[] valueOffsets() {
    return valueOffsets;
  }
}
