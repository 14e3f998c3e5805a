package io.arrowraft.coprocessor.engine;

import io.arrowraft.table.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** One column of the batch that is being gathered for sending, already in Arrow's layout. */
final class OutputColumn {
  private final DataType type;
  // Bytes of one value; 0 for bits, -1 for values of any length.
  private final int width;
  private byte[] validity = new byte[128];
  private int nullCount;
  private ByteBuffer data;
  private ByteBuffer offsets;
  private int dataBytes;

  OutputColumn(DataType type) {
    this.type = type;
    width =
        switch (type.kind()) {
          case BOOLEAN -> 0;
          case TINYINT -> 1;
          case SMALLINT -> 2;
          case INTEGER, FLOAT, DATE -> 4;
          case BIGINT, DOUBLE, TIMESTAMP, TIMESTAMP_NTZ -> 8;
          case DECIMAL -> 16;
          case STRING, JSON, BINARY -> -1;
        };
    data = allocate(1024);
    offsets = allocate(width < 0 ? 1024 : 4);
  }

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer withRoom(ByteBuffer buffer, int bytes) {
    if (bytes <= buffer.capacity()) {
      return buffer;
    }
    ByteBuffer larger = allocate(Math.max(bytes, (int) Math.min(1L << 30, buffer.capacity() * 2L)));
    return larger.put(0, buffer, 0, buffer.capacity());
  }

  void clear() {
    Arrays.fill(validity, (byte) 0);
    if (width == 0) {
      Arrays.fill(data.array(), (byte) 0);
    }
    nullCount = 0;
    dataBytes = 0;
  }

  /** Appends rows {@code from} to {@code to} of a vector behind the {@code rows} that are there. */
  void append(Vector vector, int from, int to, int rows) {
    int total = rows + to - from;
    appendValidity(vector, from, to, rows, total);
    if (width < 0) {
      appendBytes((BytesVector) vector, from, to, rows);
      return;
    }
    dataBytes = width == 0 ? (total + 7) / 8 : total * width;
    data = withRoom(data, dataBytes);
    if (vector instanceof DoubleVector doubles) {
      appendDoubles(doubles.values, from, to, rows);
    } else {
      appendLongs((LongVector) vector, from, to, rows);
    }
  }

  private void appendValidity(Vector vector, int from, int to, int rows, int total) {
    if (validity.length * 8 < total) {
      validity = Arrays.copyOf(validity, Math.max((total + 7) / 8, validity.length * 2));
    }
    if (!vector.hasNulls && (rows & 7) == 0) {
      int whole = (to - from) / 8;
      Arrays.fill(validity, rows / 8, rows / 8 + whole, (byte) 0xFF);
      for (int i = from + whole * 8; i < to; i++) {
        setBit(validity, rows + i - from);
      }
      return;
    }
    for (int i = from; i < to; i++) {
      if (vector.nulls[i]) {
        nullCount++;
      } else {
        setBit(validity, rows + i - from);
      }
    }
  }

  private static void setBit(byte[] bits, int index) {
    bits[index >> 3] = (byte) (bits[index >> 3] | (1 << (index & 7)));
  }

  private void appendLongs(LongVector vector, int from, int to, int rows) {
    long[] values = vector.values;
    int at = rows * width;
    switch (width) {
      case 0 -> {
        for (int i = from; i < to; i++) {
          if (values[i] != 0) {
            setBit(data.array(), rows + i - from);
          }
        }
      }
      case 1 -> {
        for (int i = from; i < to; i++) {
          data.put(at++, (byte) values[i]);
        }
      }
      case 2 -> {
        for (int i = from; i < to; i++, at += 2) {
          data.putShort(at, (short) values[i]);
        }
      }
      case 4 -> {
        for (int i = from; i < to; i++, at += 4) {
          data.putInt(at, (int) values[i]);
        }
      }
      case 8 ->
          data.position(at)
              .slice()
              .order(ByteOrder.LITTLE_ENDIAN)
              .asLongBuffer()
              .put(values, from, to - from);
      default -> {
        for (int i = from; i < to; i++, at += 16) {
          data.putLong(at, values[i]);
          data.putLong(at + 8, vector.highAt(i));
        }
      }
    }
  }

  private void appendDoubles(double[] values, int from, int to, int rows) {
    int at = rows * width;
    for (int i = from; i < to; i++, at += width) {
      if (width == 4) {
        data.putFloat(at, (float) values[i]);
      } else {
        data.putDouble(at, values[i]);
      }
    }
  }

  private void appendBytes(BytesVector vector, int from, int to, int rows) {
    offsets = withRoom(offsets, (rows + to - from + 1) * Integer.BYTES);
    offsets.putInt(rows * Integer.BYTES, dataBytes);
    long added = 0;
    for (int i = from; i < to; i++) {
      added += vector.lengths[i];
    }
    data = withRoom(data, Math.toIntExact(dataBytes + added));
    byte[] target = data.array();
    ByteBuffer source = vector.data;
    for (int i = from; i < to; i++) {
      int length = vector.lengths[i];
      int start = vector.starts[i];
      if (length <= 8) {
        for (int k = 0; k < length; k++) {
          target[dataBytes + k] = source.get(start + k);
        }
      } else {
        source.get(start, target, dataBytes, length);
      }
      dataBytes += length;
      offsets.putInt((rows + i - from + 1) * Integer.BYTES, dataBytes);
    }
  }

  DataType type() {
    return type;
  }

  int nullCount() {
    return nullCount;
  }

  boolean hasOffsets() {
    return width < 0;
  }

  int dataBytes() {
    return dataBytes;
  }

  byte[] validity() {
    return validity;
  }

  byte[] offsets() {
    return offsets.array();
  }

  byte[] data() {
    return data.array();
  }

  /** Heap bytes that this column holds. */
  long capacityBytes() {
    return (long) validity.length + data.capacity() + offsets.capacity();
  }
}
