package io.arrowraft.coprocessor.engine;

import io.arrowraft.table.DataType;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * BOOLEAN (0 and 1), integers, DATE (days), timestamps (microseconds) and DECIMAL (unscaled).
 *
 * <p>A decimal vector is <em>narrow</em> while every value fits a long, whatever its declared
 * precision; it becomes <em>wide</em>, with 128-bit values in two's complement, when one does not.
 */
final class LongVector extends Vector {
  long[] values = new long[0];

  /** Upper halves, good only while {@link #wide}. */
  long[] high = new long[0];

  boolean wide;

  LongVector(DataType type) {
    super(type);
  }

  @Override
  void allocate(int capacity) {
    values = new long[capacity];
    high = new long[0];
  }

  @Override
  void reallocate(int capacity) {
    values = Arrays.copyOf(values, capacity);
    if (wide) {
      high = Arrays.copyOf(high, capacity);
    }
  }

  @Override
  void resetValues() {
    wide = false;
  }

  @Override
  void clearValue(int row) {
    values[row] = 0;
    if (wide) {
      high[row] = 0;
    }
  }

  /** Makes all values 128 bits wide. */
  void widen() {
    if (wide) {
      return;
    }
    if (high.length < values.length) {
      high = new long[values.length];
    }
    for (int i = 0; i < values.length; i++) {
      high[i] = values[i] >> 63;
    }
    wide = true;
  }

  /** Sets a value within a long. */
  void set(int row, long value) {
    values[row] = value;
    if (wide) {
      high[row] = value >> 63;
    }
  }

  /** Sets a 128-bit value; the vector widens if it must. */
  void set(int row, long low, long highPart) {
    if (!wide && highPart != low >> 63) {
      widen();
    }
    values[row] = low;
    if (wide) {
      high[row] = highPart;
    }
  }

  long highAt(int row) {
    return wide ? high[row] : values[row] >> 63;
  }

  BigInteger bigAt(int row) {
    return Int128.toBigInteger(values[row], highAt(row));
  }

  void setBig(int row, BigInteger value) {
    set(row, value.longValue(), value.shiftRight(64).longValue());
  }

  /** Goes back to narrow if all values allow it. */
  void narrowIfPossible(int count) {
    if (!wide) {
      return;
    }
    for (int i = 0; i < count; i++) {
      if (high[i] != values[i] >> 63) {
        return;
      }
    }
    wide = false;
  }

  /** Bits that the largest magnitude among the first {@code count} values needs, sign left out. */
  int magnitudeBits(int count) {
    long bits = 0;
    for (int i = 0; i < count; i++) {
      bits |= values[i] ^ (values[i] >> 63);
    }
    return Long.SIZE - Long.numberOfLeadingZeros(bits);
  }

  @Override
  void copyValue(int row, Vector source, int from) {
    LongVector that = (LongVector) source;
    set(row, that.values[from], that.highAt(from));
  }

  @Override
  void gatherValues(Vector source, int[] positions, int count) {
    LongVector that = (LongVector) source;
    for (int i = 0; i < count; i++) {
      values[i] = that.values[positions[i]];
    }
    if (that.wide) {
      widen();
      for (int i = 0; i < count; i++) {
        high[i] = that.high[positions[i]];
      }
    }
  }

  @Override
  void keepValues(int[] positions, int count) {
    for (int i = 0; i < count; i++) {
      values[i] = values[positions[i]];
    }
    if (wide) {
      for (int i = 0; i < count; i++) {
        high[i] = high[positions[i]];
      }
    }
  }

  @Override
  int bytesPerRow() {
    return 1 + Long.BYTES * (wide ? 2 : 1);
  }
}
