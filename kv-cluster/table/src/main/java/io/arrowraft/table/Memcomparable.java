package io.arrowraft.table;

import java.math.BigDecimal;
import java.nio.ByteBuffer;

/**
 * Reads memcomparable datums out of keys. Buffers are read at absolute positions and may have
 * either byte order.
 */
public final class Memcomparable {
  static final byte NULL_FLAG = 0;
  static final byte BYTES_FLAG = 1;
  static final byte INT_FLAG = 3;
  static final byte UINT_FLAG = 4;
  static final byte FLOAT_FLAG = 5;
  static final byte DECIMAL_FLAG = 6;
  static final byte DURATION_FLAG = 7;

  private static final int GROUP = 8;

  private Memcomparable() {}

  /** Eight big-endian bytes. */
  static long bigEndian(ByteBuffer buffer, int at) {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | (buffer.get(at + i) & 0xFF);
    }
    return value;
  }

  /** What {@link KeyBuilder#rawInt} wrote. */
  public static long rawInt(ByteBuffer buffer, int at) {
    return bigEndian(buffer, at) ^ Long.MIN_VALUE;
  }

  /** Bits that order, unsigned, as doubles do; -0.0 keeps its own, just below 0.0. */
  static long orderedBits(double value) {
    long bits = Double.doubleToLongBits(value);
    return bits < 0 ? ~bits : bits | Long.MIN_VALUE;
  }

  /** As {@link #orderedBits}, with -0.0 equal to 0.0. */
  static long orderedKeyBits(double value) {
    return orderedBits(value == 0.0 ? 0.0 : value);
  }

  static double ofOrderedBits(long bits) {
    return Double.longBitsToDouble(bits < 0 ? bits & Long.MAX_VALUE : ~bits);
  }

  /**
   * The offset behind the datum at {@code at}.
   *
   * @param end where the key ends
   */
  public static int skipDatum(ByteBuffer buffer, int at, int end) {
    require(at < end, at, end);
    byte flag = buffer.get(at);
    int next =
        switch (flag) {
          case NULL_FLAG -> at + 1;
          case INT_FLAG, UINT_FLAG, FLOAT_FLAG, DURATION_FLAG -> at + 9;
          case BYTES_FLAG -> skipBytes(buffer, at + 1, end);
          case DECIMAL_FLAG -> {
            require(at + 3 <= end, at, end);
            yield at + 3 + DecimalLayout.of(buffer.get(at + 1), buffer.get(at + 2)).size();
          }
          default -> throw new CorruptRowException("unknown datum flag " + flag + " in a key");
        };
    require(next <= end, at, end);
    return next;
  }

  private static int skipBytes(ByteBuffer buffer, int at, int end) {
    int position = at;
    while (true) {
      require(position + GROUP + 1 <= end, at, end);
      int marker = buffer.get(position + GROUP) & 0xFF;
      position += GROUP + 1;
      if (marker != 0xFF) {
        return position;
      }
    }
  }

  private static void require(boolean holds, int at, int end) {
    if (!holds) {
      throw new CorruptRowException("the datum at byte " + at + " runs past the end, " + end);
    }
  }

  /** The flag of a datum that must be of one kind. */
  private static void expect(ByteBuffer buffer, int at, int end, byte flag) {
    require(at < end, at, end);
    if (buffer.get(at) != flag) {
      throw new CorruptRowException(
          "expected a datum of flag " + flag + ", found " + buffer.get(at) + " at byte " + at);
    }
    require(at + 9 <= end || flag == DECIMAL_FLAG, at, end);
  }

  /** The signed number of an int datum. */
  public static long intDatum(ByteBuffer buffer, int at, int end) {
    expect(buffer, at, end, INT_FLAG);
    return rawInt(buffer, at + 1);
  }

  /** The unsigned number of an unsigned datum, e.g. a {@link PackedTime}. */
  public static long unsignedDatum(ByteBuffer buffer, int at, int end) {
    expect(buffer, at, end, UINT_FLAG);
    return bigEndian(buffer, at + 1);
  }

  public static double doubleDatum(ByteBuffer buffer, int at, int end) {
    expect(buffer, at, end, FLOAT_FLAG);
    return ofOrderedBits(bigEndian(buffer, at + 1));
  }

  public static long durationDatum(ByteBuffer buffer, int at, int end) {
    expect(buffer, at, end, DURATION_FLAG);
    return rawInt(buffer, at + 1);
  }

  public static BigDecimal decimalDatum(ByteBuffer buffer, int at, int end) {
    expect(buffer, at, end, DECIMAL_FLAG);
    require(at + 3 <= end, at, end);
    DecimalLayout layout = DecimalLayout.of(buffer.get(at + 1), buffer.get(at + 2));
    require(at + 3 + layout.size() <= end, at, end);
    return layout.read(buffer, at + 3);
  }

  /** The bytes of a bytes datum. */
  public static byte[] bytesDatum(ByteBuffer buffer, int at, int end) {
    expect(buffer, at, end, BYTES_FLAG);
    return rawBytes(buffer, at + 1, end);
  }

  /** What {@link KeyBuilder#rawBytes} wrote. */
  public static byte[] rawBytes(ByteBuffer buffer, int at, int end) {
    int next = skipBytes(buffer, at, end);
    int groups = (next - at) / (GROUP + 1);
    int padding = 0xFF - (buffer.get(next - 1) & 0xFF);
    if (padding > GROUP) {
      throw new CorruptRowException("a bytes datum ends with marker " + (0xFF - padding));
    }
    byte[] result = new byte[groups * GROUP - padding];
    for (int i = 0; i < result.length; i++) {
      result[i] = buffer.get(at + i / GROUP * (GROUP + 1) + i % GROUP);
    }
    for (int i = 1; i <= padding; i++) {
      if (buffer.get(next - 1 - i) != 0) {
        throw new CorruptRowException("a bytes datum is padded with something else than zeros");
      }
    }
    return result;
  }
}
