package io.arrowraft.table;

import java.nio.ByteBuffer;

/**
 * Finds the {@link RowShape} of row after row. The last shape is tried first, then a small
 * direct-mapped cache, so that rows with differing NULLs cost no parsing either. One thread at a
 * time.
 */
public final class RowShapes {
  private static final int CACHE_SIZE = 256;

  private final long[] columnIds;
  private final RowLayout layout = new RowLayout();
  private final RowShape[] cache = new RowShape[CACHE_SIZE];
  private RowShape last;

  /**
   * @param columnIds the columns that a reader wants; {@link RowShape#slot} takes their positions
   */
  public RowShapes(long[] columnIds) {
    this.columnIds = columnIds.clone();
  }

  /** The shape of the row in bytes {@code start} to {@code end} of a little-endian buffer. */
  public RowShape of(ByteBuffer buffer, int start, int end) {
    if (last != null && last.matches(buffer, start, end)) {
      return last;
    }
    int slot = hash(buffer, start, end) & (CACHE_SIZE - 1);
    RowShape shape = cache[slot];
    if (shape == null || !shape.matches(buffer, start, end)) {
      shape = parse(buffer, start, end);
      cache[slot] = shape;
    }
    last = shape;
    return shape;
  }

  /** Over the counts and the first ids, which is where shapes of one table differ. */
  private static int hash(ByteBuffer buffer, int start, int end) {
    long hash = 0;
    int until = Math.min(end - Long.BYTES, start + 3 * Long.BYTES);
    for (int at = start; at <= until; at += Long.BYTES) {
      hash = (hash ^ buffer.getLong(at)) * 0x9E3779B97F4A7C15L;
    }
    return (int) (hash >>> 48);
  }

  private RowShape parse(ByteBuffer buffer, int start, int end) {
    layout.parse(buffer, start, end);
    int[] slots = new int[columnIds.length];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = layout.find(columnIds[i]);
    }
    int offsetsFrom = layout.offsetsAt() - start;
    long[] words = new long[(offsetsFrom + Long.BYTES - 1) / Long.BYTES];
    if (offsetsFrom >= Long.BYTES) {
      for (int i = 0; i < words.length - 1; i++) {
        words[i] = buffer.getLong(start + i * Long.BYTES);
      }
      words[words.length - 1] = buffer.getLong(start + offsetsFrom - Long.BYTES);
    }
    return new RowShape(layout.isLarge(), offsetsFrom, layout.valuesAt() - start, slots, words);
  }
}
