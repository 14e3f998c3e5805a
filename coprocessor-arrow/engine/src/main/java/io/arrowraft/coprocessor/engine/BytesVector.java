package io.arrowraft.coprocessor.engine;

import io.arrowraft.table.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * STRING, JSON and BINARY: each value a place in {@link #data}, which is either borrowed (the row
 * source's buffer, good until the next fill) or the vector's own.
 */
final class BytesVector extends Vector {
  private ByteBuffer own = newBuffer(256);
  ByteBuffer data = own;
  int[] starts = new int[0];
  int[] lengths = new int[0];

  BytesVector(DataType type) {
    super(type);
  }

  private static ByteBuffer newBuffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  void allocate(int capacity) {
    starts = new int[capacity];
    lengths = new int[capacity];
  }

  @Override
  void reallocate(int capacity) {
    starts = Arrays.copyOf(starts, capacity);
    lengths = Arrays.copyOf(lengths, capacity);
  }

  @Override
  void resetValues() {
    own.clear();
    data = own;
  }

  @Override
  void clearValue(int row) {
    starts[row] = 0;
    lengths[row] = 0;
  }

  /** Values lie in a buffer of somebody else from now on, until the vector is reset. */
  void borrow(ByteBuffer buffer) {
    data = buffer;
  }

  /** Values lie in the vector's own buffer from now on. */
  void useOwn() {
    data = own;
  }

  /** Appends bytes to the vector's own buffer as the value of a row. */
  void set(int row, ByteBuffer source, int from, int length) {
    reserveBytes(length);
    starts[row] = own.position();
    lengths[row] = length;
    own.put(own.position(), source, from, length);
    own.position(own.position() + length);
  }

  void set(int row, byte[] bytes) {
    reserveBytes(bytes.length);
    starts[row] = own.position();
    lengths[row] = bytes.length;
    own.put(bytes);
  }

  private void reserveBytes(int length) {
    if (own.remaining() < length) {
      ByteBuffer larger =
          newBuffer(
              (int)
                  Math.min(
                      Integer.MAX_VALUE - 16,
                      Math.max(own.capacity() * 2L, (long) own.position() + length)));
      boolean shown = isOwn();
      larger.put(own.flip());
      own = larger;
      if (shown) {
        data = own;
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // which buffer it is, not what is in it
  private boolean isOwn() {
    return data == own;
  }

  /** Bytes in the vector's own buffer. */
  int ownBytes() {
    return own.capacity();
  }

  @Override
  void copyValue(int row, Vector source, int from) {
    BytesVector that = (BytesVector) source;
    set(row, that.data, that.starts[from], that.lengths[from]);
  }

  @Override
  void gatherValues(Vector source, int[] positions, int count) {
    BytesVector that = (BytesVector) source;
    data = that.data;
    for (int i = 0; i < count; i++) {
      starts[i] = that.starts[positions[i]];
      lengths[i] = that.lengths[positions[i]];
    }
  }

  @Override
  void keepValues(int[] positions, int count) {
    for (int i = 0; i < count; i++) {
      starts[i] = starts[positions[i]];
      lengths[i] = lengths[positions[i]];
    }
  }

  /** By unsigned bytes, as strings of UTF-8 order by code point. */
  static int compare(BytesVector a, int i, BytesVector b, int j) {
    return compare(a.data, a.starts[i], a.lengths[i], b.data, b.starts[j], b.lengths[j]);
  }

  static int compare(ByteBuffer a, int aStart, int aLength, ByteBuffer b, int bStart, int bLength) {
    int common = Math.min(aLength, bLength);
    for (int k = 0; k < common; k++) {
      int difference = (a.get(aStart + k) & 0xFF) - (b.get(bStart + k) & 0xFF);
      if (difference != 0) {
        return difference;
      }
    }
    return aLength - bLength;
  }

  /** Whether {@code length} bytes of both are the same. */
  static boolean same(ByteBuffer a, int aStart, ByteBuffer b, int bStart, int length) {
    for (int k = 0; k < length; k++) {
      if (a.get(aStart + k) != b.get(bStart + k)) {
        return false;
      }
    }
    return true;
  }

  byte[] bytesAt(int row) {
    byte[] bytes = new byte[lengths[row]];
    data.get(starts[row], bytes);
    return bytes;
  }

  @Override
  int bytesPerRow() {
    return 1 + 2 * Integer.BYTES;
  }
}
