package io.arrowraft.coprocessor.engine;

import io.arrowraft.table.CorruptRowException;
import io.arrowraft.table.RowLayout;
import io.arrowraft.table.RowShape;
import io.arrowraft.table.RowShapes;
import java.nio.ByteBuffer;

/**
 * The rows of a {@link KeyValueBatch} with their shapes: finds where the value of a column lies,
 * for all rows that are still alive.
 */
final class RawRows {
  private final RowShapes shapes;
  private final RowShape[] shapeOf = new RowShape[RowBatch.ROWS_MAX];
  private KeyValueBatch batch;
  private boolean uniform;

  RawRows(long[] columnIds) {
    shapes = new RowShapes(columnIds);
  }

  /** Goes on to the rows of a batch; {@code values} are looked at only if a column needs them. */
  void show(KeyValueBatch next, boolean values) {
    batch = next;
    if (!values) {
      return;
    }
    ByteBuffer buffer = next.values();
    int[] offsets = next.valueOffsets();
    int rows = next.rows();
    uniform = true;
    for (int i = 0; i < rows; i++) {
      RowShape shape = shapes.of(buffer, offsets[i], offsets[i + 1]);
      shapeOf[i] = shape;
      uniform &= shape == shapeOf[0];
    }
  }

  KeyValueBatch batch() {
    return batch;
  }

  /**
   * Puts where the values of a wanted column begin and end, or a negative start: {@link
   * RowLayout#NULL} or {@link RowLayout#ABSENT}.
   *
   * @param alive the rows to look at, in ascending order
   * @return whether all rows have a value
   */
  boolean locate(int wanted, int[] alive, int count, int[] starts, int[] ends) {
    if (count == 0) {
      return true;
    }
    if (uniform && shapeOf[0].slot(wanted) >= 0) {
      locateUniform(shapeOf[0], wanted, alive, count, starts, ends);
      return true;
    }
    ByteBuffer buffer = batch.values();
    int[] offsets = batch.valueOffsets();
    boolean all = true;
    for (int i = 0; i < count; i++) {
      int row = alive[i];
      RowShape shape = shapeOf[row];
      int slot = shape.slot(wanted);
      if (slot < 0) {
        starts[i] = slot;
        all = false;
      } else {
        starts[i] = shape.valueStart(buffer, offsets[row], slot);
        ends[i] = shape.valueEnd(buffer, offsets[row], slot);
        check(starts[i], ends[i], offsets[row], offsets[row + 1]);
      }
    }
    return all;
  }

  private void locateUniform(
      RowShape shape, int wanted, int[] alive, int count, int[] starts, int[] ends) {
    ByteBuffer buffer = batch.values();
    int[] offsets = batch.valueOffsets();
    int slot = shape.slot(wanted);
    for (int i = 0; i < count; i++) {
      int row = alive[i];
      int rowStart = offsets[row];
      int start = shape.valueStart(buffer, rowStart, slot);
      int end = shape.valueEnd(buffer, rowStart, slot);
      check(start, end, rowStart, offsets[row + 1]);
      starts[i] = start;
      ends[i] = end;
    }
  }

  private static void check(int start, int end, int rowStart, int rowEnd) {
    if (start < rowStart || end < start || end > rowEnd) {
      throw new CorruptRowException(
          "a value from byte "
              + (start - rowStart)
              + " to "
              + (end - rowStart)
              + " in a row of "
              + (rowEnd - rowStart));
    }
  }
}
