package io.arrowraft.table;

import java.nio.ByteBuffer;

/**
 * What all rows with the same columns, the same ones NULL, have in common: where offsets and values
 * begin, counted from the row's first byte, and the slots of the columns that a reader wants.
 */
public final class RowShape {
  private final boolean large;
  private final int offsetsFrom;
  private final int valuesFrom;
  private final int[] slots;
  // The bytes before the offsets, in little-endian words; the last one overlaps the one before it.
  private final long[] words;

  RowShape(boolean large, int offsetsFrom, int valuesFrom, int[] slots, long[] words) {
    this.large = large;
    this.offsetsFrom = offsetsFrom;
    this.valuesFrom = valuesFrom;
    this.slots = slots;
    this.words = words;
  }

  /** The slot of a wanted column, or {@link RowLayout#NULL} or {@link RowLayout#ABSENT}. */
  public int slot(int wanted) {
    return slots[wanted];
  }

  /** Where the value of a slot begins. */
  public int valueStart(ByteBuffer buffer, int rowStart, int slot) {
    int valuesAt = rowStart + valuesFrom;
    return slot == 0 ? valuesAt : valuesAt + offset(buffer, rowStart, slot - 1);
  }

  /** Where the value of a slot ends; the caller checks it against the end of the row. */
  public int valueEnd(ByteBuffer buffer, int rowStart, int slot) {
    return rowStart + valuesFrom + offset(buffer, rowStart, slot);
  }

  private int offset(ByteBuffer buffer, int rowStart, int slot) {
    return large
        ? buffer.getInt(rowStart + offsetsFrom + slot * 4)
        : buffer.getShort(rowStart + offsetsFrom + slot * 2) & 0xFFFF;
  }

  /** Whether the row in these bytes has this shape. */
  boolean matches(ByteBuffer buffer, int start, int end) {
    if (end - start < valuesFrom || end - start < Long.BYTES || offsetsFrom < Long.BYTES) {
      return false;
    }
    int last = words.length - 1;
    for (int i = 0; i < last; i++) {
      if (buffer.getLong(start + i * Long.BYTES) != words[i]) {
        return false;
      }
    }
    return buffer.getLong(start + offsetsFrom - Long.BYTES) == words[last];
  }
}
