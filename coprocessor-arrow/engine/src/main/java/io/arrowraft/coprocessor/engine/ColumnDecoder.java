package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.plan.ScanColumn;
import io.arrowraft.table.ColumnSource;
import io.arrowraft.table.CorruptRowException;
import io.arrowraft.table.DataType;
import io.arrowraft.table.DecimalLayout;
import io.arrowraft.table.PackedTime;
import io.arrowraft.table.RowLayout;
import java.math.BigInteger;
import java.nio.ByteBuffer;

/** Decodes one column of many rows into a vector: a tight loop for each type. */
final class ColumnDecoder {
  private final DataType type;
  private final ColumnSource source;
  private final int wanted;
  private final boolean unsigned;
  private final Vector defaultValue;
  private final KeyDecoder keys;
  private final int[] starts = new int[RowBatch.ROWS_MAX];
  private final int[] ends = new int[RowBatch.ROWS_MAX];
  private final long[] pair = new long[2];
  private DecimalLayout layout;

  /**
   * @param wanted the column's position among those that {@link RawRows} looks for
   */
  ColumnDecoder(ScanColumn column, int wanted) {
    type = column.type();
    source = column.source();
    this.wanted = wanted;
    unsigned = column.unsigned();
    keys = new KeyDecoder(column);
    defaultValue = Vector.of(type);
    defaultValue.reset(1);
    column
        .defaultValue()
        .flatMap(literal -> literal.value())
        .ifPresentOrElse(
            value -> LiteralVectors.set(defaultValue, 0, value), () -> defaultValue.markNull(0));
  }

  boolean readsValue() {
    return source instanceof ColumnSource.Value;
  }

  /** Decodes the column of the rows {@code alive[0..count)} into the first rows of a vector. */
  void decode(RawRows rows, int[] alive, int count, Vector target) {
    target.reset(count);
    if (!readsValue()) {
      keys.decode(rows.batch(), alive, count, target);
      return;
    }
    boolean all = rows.locate(wanted, alive, count, starts, ends);
    ByteBuffer buffer = rows.batch().values();
    if (unsigned) {
      decodeUnsigned(buffer, count, (LongVector) target);
    } else {
      decodeValues(buffer, count, target);
    }
    if (!all) {
      fillGaps(count, target);
    }
  }

  private void decodeValues(ByteBuffer buffer, int count, Vector target) {
    switch (type.kind()) {
      case BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT ->
          decodeIntegers(buffer, count, ((LongVector) target).values);
      case FLOAT, DOUBLE -> decodeDoubles(buffer, count, ((DoubleVector) target).values);
      case DECIMAL -> decodeDecimals(buffer, count, (LongVector) target);
      case STRING, JSON, BINARY -> lendBytes(buffer, count, (BytesVector) target);
      case DATE -> decodeDates(buffer, count, ((LongVector) target).values);
      case TIMESTAMP, TIMESTAMP_NTZ ->
          decodeTimestamps(buffer, count, ((LongVector) target).values);
    }
  }

  private void decodeUnsigned(ByteBuffer buffer, int count, LongVector target) {
    for (int i = 0; i < count; i++) {
      if (starts[i] >= 0) {
        target.set(i, RowLayout.readUnsigned(buffer, starts[i], ends[i]), 0);
      }
    }
  }

  private void decodeIntegers(ByteBuffer buffer, int count, long[] values) {
    for (int i = 0; i < count; i++) {
      if (starts[i] >= 0) {
        values[i] = RowLayout.readInt(buffer, starts[i], ends[i]);
      }
    }
  }

  private void decodeDoubles(ByteBuffer buffer, int count, double[] values) {
    for (int i = 0; i < count; i++) {
      if (starts[i] >= 0) {
        values[i] = RowLayout.readDouble(buffer, starts[i], ends[i]);
      }
    }
  }

  private void decodeDates(ByteBuffer buffer, int count, long[] values) {
    for (int i = 0; i < count; i++) {
      if (starts[i] >= 0) {
        values[i] = PackedTime.toEpochDay(RowLayout.readUnsigned(buffer, starts[i], ends[i]));
      }
    }
  }

  private void decodeTimestamps(ByteBuffer buffer, int count, long[] values) {
    for (int i = 0; i < count; i++) {
      if (starts[i] >= 0) {
        values[i] = PackedTime.toMicros(RowLayout.readUnsigned(buffer, starts[i], ends[i]));
      }
    }
  }

  private void lendBytes(ByteBuffer buffer, int count, BytesVector target) {
    target.borrow(buffer);
    for (int i = 0; i < count; i++) {
      if (starts[i] >= 0) {
        target.starts[i] = starts[i];
        target.lengths[i] = ends[i] - starts[i];
      }
    }
  }

  private void decodeDecimals(ByteBuffer buffer, int count, LongVector target) {
    int scale = ((DataType.Decimal) type).scale();
    long[] values = target.values;
    for (int i = 0; i < count; i++) {
      int at = starts[i];
      if (at < 0) {
        continue;
      }
      DecimalLayout found = layoutAt(buffer, at, ends[i]);
      if (found.scale() != scale) {
        target.setBig(i, rescaled(found, buffer, at + 2, scale));
      } else if (found.fitsLong()) {
        values[i] = found.readUnscaled(buffer, at + 2);
        if (target.wide) {
          target.high[i] = values[i] >> 63;
        }
      } else {
        found.readUnscaled128(buffer, at + 2, pair, 0);
        target.set(i, pair[0], pair[1]);
      }
    }
  }

  private static BigInteger rescaled(DecimalLayout layout, ByteBuffer buffer, int at, int scale) {
    try {
      return layout.read(buffer, at).setScale(scale).unscaledValue();
    } catch (ArithmeticException e) {
      throw new CorruptRowException(
          "a stored decimal of scale " + layout.scale() + " does not fit scale " + scale);
    }
  }

  private DecimalLayout layoutAt(ByteBuffer buffer, int at, int end) {
    if (end - at < 3) {
      throw new CorruptRowException("a decimal of " + (end - at) + " bytes");
    }
    int precision = buffer.get(at);
    int scale = buffer.get(at + 1);
    if (layout == null || layout.precision() != precision || layout.scale() != scale) {
      layout = DecimalLayout.of(precision, scale);
    }
    if (end - at - 2 != layout.size()) {
      throw new CorruptRowException(
          "a decimal of " + (end - at - 2) + " bytes where " + layout.size() + " are due");
    }
    return layout;
  }

  /** NULL and missing columns: their places got no value above. */
  private void fillGaps(int count, Vector target) {
    BytesVector bytes = target instanceof BytesVector vector ? vector : null;
    boolean defaultIsBytes = bytes != null && !defaultValue.isNull(0);
    for (int i = 0; i < count; i++) {
      if (starts[i] == RowLayout.NULL) {
        target.markNull(i);
      } else if (starts[i] == RowLayout.ABSENT && !defaultIsBytes) {
        target.copyRow(i, defaultValue, 0);
      }
    }
    if (defaultIsBytes) {
      takeBytesDefaults(count, bytes);
    }
  }

  /** A default lies in another buffer than the rows' values, so all move to the vector's own. */
  private void takeBytesDefaults(int count, BytesVector target) {
    ByteBuffer lent = target.data;
    for (int i = 0; i < count; i++) {
      if (starts[i] == RowLayout.ABSENT) {
        target.copyValue(i, defaultValue, 0);
      } else if (starts[i] >= 0) {
        target.set(i, lent, starts[i], ends[i] - starts[i]);
      }
    }
    target.useOwn();
  }
}
