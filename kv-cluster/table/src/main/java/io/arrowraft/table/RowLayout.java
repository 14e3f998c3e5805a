package io.arrowraft.table;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Where the columns of one stored row lie (row format version 2): version byte 128, flags, counts
 * of not-null and null columns, their ids (each part sorted), the end offset of each not-null
 * value, the values. Ids and offsets are 1 and 2 bytes wide, or 4 and 4 in large rows; numbers are
 * little endian.
 *
 * <p>One object is used for row after row and allocates nothing. It remembers which columns the
 * last row had: rows of a table mostly have the same, and then {@link #parse} says so and slots
 * that the caller looked up stay good.
 */
public final class RowLayout {
  /** {@link #find}: the column is there and NULL. */
  public static final int NULL = -1;

  /** {@link #find}: the row was written before the column existed, or without it. */
  public static final int ABSENT = -2;

  static final byte VERSION = (byte) 128;
  static final int FLAG_LARGE = 1;
  static final int HEADER_LENGTH = 6;
  // The header's six bytes without the version, as the low bytes of a little-endian long.
  private static final long HEADER_MASK = 0xFFFF_FFFF_FFFFL;

  private ByteBuffer buffer = ByteBuffer.allocate(0);
  private long header = -1;
  private byte[] ids = new byte[0];
  private boolean large;
  private int notNull;
  private int nulls;
  private int offsetsAt;
  private int valuesAt;
  private int end;

  /**
   * Reads the head of the row in bytes {@code start} to {@code rowEnd} of a little-endian buffer.
   *
   * @return whether the row has the same columns, with the same ones NULL, as the row before it
   */
  public boolean parse(ByteBuffer source, int start, int rowEnd) {
    if (source.order() != ByteOrder.LITTLE_ENDIAN) {
      throw new IllegalArgumentException("rows are read from little-endian buffers");
    }
    if (rowEnd - start < HEADER_LENGTH || source.get(start) != VERSION) {
      throw new CorruptRowException(
          "no row of format version 2: "
              + (rowEnd - start)
              + " bytes"
              + (rowEnd > start ? ", first " + (source.get(start) & 0xFF) : ""));
    }
    buffer = source;
    end = rowEnd;
    long newHeader = readHeader(source, start);
    int idsAt = start + HEADER_LENGTH;
    if (newHeader == header && sameIds(source, idsAt)) {
      place(idsAt);
      return true;
    }
    header = newHeader;
    large = (newHeader >>> 8 & FLAG_LARGE) != 0;
    notNull = (int) (newHeader >>> 16) & 0xFFFF;
    nulls = (int) (newHeader >>> 32) & 0xFFFF;
    int idBytes = (notNull + nulls) * (large ? 4 : 1);
    if (idBytes > rowEnd - idsAt) {
      header = -1;
      throw new CorruptRowException(
          "a row of " + (rowEnd - start) + " bytes claims " + (notNull + nulls) + " columns");
    }
    ids = Arrays.copyOf(ids, idBytes);
    source.get(idsAt, ids);
    place(idsAt);
    return false;
  }

  private static long readHeader(ByteBuffer source, int start) {
    return ((source.getInt(start) & 0xFFFFFFFFL) | (source.getShort(start + 4) & 0xFFFFL) << 32)
        & HEADER_MASK;
  }

  private boolean sameIds(ByteBuffer source, int idsAt) {
    if (ids.length > end - idsAt) {
      return false;
    }
    for (int i = 0; i < ids.length; i++) {
      if (source.get(idsAt + i) != ids[i]) {
        return false;
      }
    }
    return true;
  }

  private void place(int idsAt) {
    offsetsAt = idsAt + ids.length;
    valuesAt = offsetsAt + notNull * (large ? 4 : 2);
    if (valuesAt > end) {
      throw new CorruptRowException("a row ends within its offsets");
    }
  }

  boolean isLarge() {
    return large;
  }

  int offsetsAt() {
    return offsetsAt;
  }

  int valuesAt() {
    return valuesAt;
  }

  /** The slot of a column, or {@link #NULL} or {@link #ABSENT}. */
  public int find(long columnId) {
    int slot = search(0, notNull, columnId);
    if (slot >= 0) {
      return slot;
    }
    return search(notNull, notNull + nulls, columnId) >= 0 ? NULL : ABSENT;
  }

  private int search(int from, int to, long columnId) {
    int low = from;
    int high = to - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long id = idAt(middle);
      if (id == columnId) {
        return middle;
      }
      if (id < columnId) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  private long idAt(int index) {
    if (!large) {
      return ids[index] & 0xFF;
    }
    int at = index * 4;
    return (ids[at] & 0xFFL)
        | (ids[at + 1] & 0xFFL) << 8
        | (ids[at + 2] & 0xFFL) << 16
        | (ids[at + 3] & 0xFFL) << 24;
  }

  /** Where the value of a slot begins, as a position of the buffer. */
  public int valueStart(int slot) {
    return slot == 0 ? valuesAt : checked(valuesAt + offset(slot - 1));
  }

  /**
   * The position behind the value of a slot. Call after {@link #valueStart}, which it may equal.
   */
  public int valueEnd(int slot) {
    return checked(valuesAt + offset(slot));
  }

  private int offset(int slot) {
    return large
        ? buffer.getInt(offsetsAt + slot * 4)
        : buffer.getShort(offsetsAt + slot * 2) & 0xFFFF;
  }

  private int checked(int position) {
    if (position < valuesAt || position > end) {
      throw new CorruptRowException(
          "a value lies " + (position - end) + " bytes past the end of its row");
    }
    return position;
  }

  /** A signed number of 1, 2, 4 or 8 bytes. */
  public static long readInt(ByteBuffer buffer, int at, int end) {
    return switch (end - at) {
      case 1 -> buffer.get(at);
      case 2 -> buffer.getShort(at);
      case 4 -> buffer.getInt(at);
      case 8 -> buffer.getLong(at);
      default -> throw new CorruptRowException("an integer of " + (end - at) + " bytes");
    };
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes, e.g. a {@link PackedTime}. */
  public static long readUnsigned(ByteBuffer buffer, int at, int end) {
    return switch (end - at) {
      case 1 -> buffer.get(at) & 0xFFL;
      case 2 -> buffer.getShort(at) & 0xFFFFL;
      case 4 -> buffer.getInt(at) & 0xFFFFFFFFL;
      case 8 -> buffer.getLong(at);
      default -> throw new CorruptRowException("an unsigned integer of " + (end - at) + " bytes");
    };
  }

  /** A FLOAT or DOUBLE. */
  public static double readDouble(ByteBuffer buffer, int at, int end) {
    if (end - at != 8) {
      throw new CorruptRowException("a floating-point number of " + (end - at) + " bytes");
    }
    return Memcomparable.ofOrderedBits(Long.reverseBytes(buffer.getLong(at)));
  }
}
