package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.plan.ScanColumn;
import io.arrowraft.table.ColumnSource;
import io.arrowraft.table.CorruptRowException;
import io.arrowraft.table.DataType;
import io.arrowraft.table.Memcomparable;
import io.arrowraft.table.PackedTime;
import io.arrowraft.table.TableKeys;
import java.math.BigDecimal;
import java.nio.ByteBuffer;

/** Decodes a column that lies in the row key. */
final class KeyDecoder {
  private final DataType type;
  private final ColumnSource source;
  private final boolean unsigned;

  KeyDecoder(ScanColumn column) {
    this.type = column.type();
    this.source = column.source();
    this.unsigned = column.unsigned();
  }

  void decode(KeyValueBatch batch, int[] alive, int count, Vector target) {
    if (source instanceof ColumnSource.HandlePart part) {
      decodeParts(batch, alive, count, target, part.position());
    } else {
      decodeHandles(batch, alive, count, ((LongVector) target).values);
    }
  }

  private static void decodeHandles(KeyValueBatch batch, int[] alive, int count, long[] values) {
    ByteBuffer keys = batch.keys();
    int[] offsets = batch.keyOffsets();
    for (int i = 0; i < count; i++) {
      int row = alive[i];
      int length = offsets[row + 1] - offsets[row];
      if (length != TableKeys.INT_HANDLE_KEY_LENGTH) {
        throw new CorruptRowException("a row key of " + length + " bytes has no integer handle");
      }
      values[i] =
          Long.reverseBytes(keys.getLong(offsets[row] + TableKeys.PREFIX_LENGTH)) ^ Long.MIN_VALUE;
    }
  }

  private void decodeParts(
      KeyValueBatch batch, int[] alive, int count, Vector target, int position) {
    ByteBuffer keys = batch.keys();
    int[] offsets = batch.keyOffsets();
    for (int i = 0; i < count; i++) {
      int end = offsets[alive[i] + 1];
      int at = offsets[alive[i]] + TableKeys.PREFIX_LENGTH;
      for (int part = 0; part < position; part++) {
        at = Memcomparable.skipDatum(keys, at, end);
      }
      decodePart(keys, at, end, target, i);
    }
  }

  private void decodePart(ByteBuffer keys, int at, int end, Vector target, int row) {
    if (unsigned) {
      ((LongVector) target).set(row, Memcomparable.unsignedDatum(keys, at, end), 0);
      return;
    }
    switch (type.kind()) {
      case BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT ->
          ((LongVector) target).set(row, Memcomparable.intDatum(keys, at, end));
      case DATE ->
          ((LongVector) target)
              .set(row, PackedTime.toEpochDay(Memcomparable.unsignedDatum(keys, at, end)));
      case TIMESTAMP, TIMESTAMP_NTZ ->
          ((LongVector) target)
              .set(row, PackedTime.toMicros(Memcomparable.unsignedDatum(keys, at, end)));
      case FLOAT, DOUBLE ->
          ((DoubleVector) target).values[row] = Memcomparable.doubleDatum(keys, at, end);
      case DECIMAL -> {
        BigDecimal value = Memcomparable.decimalDatum(keys, at, end);
        int scale = ((DataType.Decimal) type).scale();
        if (value.scale() != scale) {
          throw new CorruptRowException(
              "a key decimal of scale " + value.scale() + " where " + scale + " is due");
        }
        ((LongVector) target).setBig(row, value.unscaledValue());
      }
      case STRING, JSON, BINARY ->
          ((BytesVector) target).set(row, Memcomparable.bytesDatum(keys, at, end));
    }
  }
}
