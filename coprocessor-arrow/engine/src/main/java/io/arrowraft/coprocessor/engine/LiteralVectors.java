package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.plan.Expression.Literal;
import io.arrowraft.table.Bytes;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Vectors with the value of a literal in every row. */
final class LiteralVectors {
  private LiteralVectors() {}

  /** A vector of {@link RowBatch#ROWS_MAX} rows, filled once. */
  static Vector of(Literal literal) {
    Vector vector = Vector.of(literal.type());
    vector.reset(RowBatch.ROWS_MAX);
    if (vector instanceof BytesVector bytes && !literal.isNull()) {
      set(bytes, 0, literal.value().orElseThrow());
      Arrays.fill(bytes.starts, bytes.starts[0]);
      Arrays.fill(bytes.lengths, bytes.lengths[0]);
      return vector;
    }
    for (int i = 0; i < RowBatch.ROWS_MAX; i++) {
      if (literal.isNull()) {
        vector.markNull(i);
      } else {
        set(vector, i, literal.value().orElseThrow());
      }
    }
    return vector;
  }

  /** Sets one row to a value in the physical form of {@link Literal}. */
  static void set(Vector vector, int row, Object value) {
    if (vector instanceof LongVector longs) {
      if (value instanceof Boolean flag) {
        longs.set(row, flag ? 1 : 0);
      } else if (value instanceof BigDecimal decimal) {
        longs.setBig(row, decimal.unscaledValue());
      } else {
        longs.set(row, (Long) value);
      }
    } else if (vector instanceof DoubleVector doubles) {
      doubles.values[row] = ((Number) value).doubleValue();
    } else {
      ((BytesVector) vector).set(row, bytesOf(value));
    }
  }

  static byte[] bytesOf(Object value) {
    return value instanceof Bytes bytes
        ? bytes.toByteArray()
        : ((String) value).getBytes(StandardCharsets.UTF_8);
  }
}
