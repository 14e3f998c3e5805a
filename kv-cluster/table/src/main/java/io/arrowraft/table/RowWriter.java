package io.arrowraft.table;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes rows in format version 2. Columns are set in any order, each once; {@link #toByteArray}
 * sorts them. One writer is reused for many rows: call {@link #reset} before each.
 */
public final class RowWriter {
  private static final int SMALL_ID_MAX = 255;
  private static final int SMALL_DATA_MAX = 65_535;

  private int count;
  private int nullCount;
  private long[] ids = new long[16];
  private int[] starts = new int[16];
  private int[] ends = new int[16];
  private long[] nullIds = new long[16];
  private byte[] data = new byte[256];
  private int length;

  /** Which columns of that table a row's value stores: the same for all of its rows. */
  private boolean[] stored;

  private TableSchema storedOf;

  public RowWriter reset() {
    count = 0;
    nullCount = 0;
    length = 0;
    return this;
  }

  private void begin(long id, int bytes) {
    if (count == ids.length) {
      ids = Arrays.copyOf(ids, count * 2);
      starts = Arrays.copyOf(starts, count * 2);
      ends = Arrays.copyOf(ends, count * 2);
    }
    if (data.length - length < bytes) {
      data = Arrays.copyOf(data, Math.max(data.length * 2, length + bytes));
    }
    ids[count] = id;
    starts[count] = length;
  }

  private RowWriter finish() {
    ends[count++] = length;
    return this;
  }

  public RowWriter setNull(long id) {
    if (nullCount == nullIds.length) {
      nullIds = Arrays.copyOf(nullIds, nullCount * 2);
    }
    nullIds[nullCount++] = id;
    return this;
  }

  /** An integer type, or BOOLEAN as 0 or 1. */
  public RowWriter setLong(long id, long value) {
    begin(id, 8);
    int width =
        value == (byte) value ? 1 : value == (short) value ? 2 : value == (int) value ? 4 : 8;
    littleEndian(value, width);
    return finish();
  }

  private void setUnsigned(long id, long value) {
    begin(id, 8);
    int width = value >>> 8 == 0 ? 1 : value >>> 16 == 0 ? 2 : value >>> 32 == 0 ? 4 : 8;
    littleEndian(value, width);
    finish();
  }

  private void littleEndian(long value, int width) {
    for (int i = 0; i < width; i++) {
      data[length++] = (byte) (value >>> (8 * i));
    }
  }

  /** FLOAT or DOUBLE. */
  public RowWriter setDouble(long id, double value) {
    begin(id, 8);
    littleEndian(Long.reverseBytes(Memcomparable.orderedBits(value)), 8);
    return finish();
  }

  /** DECIMAL by its unscaled number. */
  public RowWriter setDecimal(long id, long unscaled, DecimalLayout layout) {
    begin(id, layout.size() + 2);
    length = layout.write(unscaled, data, length);
    return finish();
  }

  /** DECIMAL by its unscaled number. */
  public RowWriter setDecimal(long id, BigInteger unscaled, DecimalLayout layout) {
    begin(id, layout.size() + 2);
    length = layout.write(unscaled, data, length);
    return finish();
  }

  /** STRING or JSON. */
  public RowWriter setString(long id, String value) {
    return setBytes(id, value.getBytes(StandardCharsets.UTF_8));
  }

  /** BINARY, or the UTF-8 bytes of a STRING. */
  public RowWriter setBytes(long id, byte[] value) {
    begin(id, value.length);
    System.arraycopy(value, 0, data, length, value.length);
    length += value.length;
    return finish();
  }

  /** DATE by its days since 1970-01-01. */
  public RowWriter setDate(long id, long epochDay) {
    setUnsigned(id, PackedTime.ofEpochDay(epochDay));
    return this;
  }

  /** TIMESTAMP or TIMESTAMP_NTZ by its microseconds since 1970-01-01 00:00:00. */
  public RowWriter setTimestamp(long id, long micros) {
    setUnsigned(id, PackedTime.ofMicros(micros));
    return this;
  }

  /** A value in canonical form, or NULL. */
  public RowWriter set(Column column, Object canonical) {
    if (canonical == null) {
      return setNull(column.id());
    }
    long id = column.id();
    if (column.declared() instanceof DataType.Unsigned unsigned) {
      setUnsigned(id, unsigned.bitsOf(canonical));
      return this;
    }
    DataType type = column.type();
    switch (type.kind()) {
      case BOOLEAN -> setLong(id, (Boolean) canonical ? 1 : 0);
      case TINYINT, SMALLINT, INTEGER, BIGINT -> setLong(id, ((Number) canonical).longValue());
      case FLOAT, DOUBLE -> setDouble(id, ((Number) canonical).doubleValue());
      case DECIMAL -> {
        DataType.Decimal decimal = (DataType.Decimal) type;
        setDecimal(
            id,
            ((BigDecimal) canonical).setScale(decimal.scale()).unscaledValue(),
            DecimalLayout.of(decimal.precision(), decimal.scale()));
      }
      case STRING, JSON, BINARY -> setBytes(id, RowValues.bytesOf(canonical));
      case DATE, TIMESTAMP, TIMESTAMP_NTZ ->
          setUnsigned(id, RowValues.packedTimeOf(type, canonical));
    }
    return this;
  }

  /**
   * The value of a whole row: every column of the schema that the row's value stores.
   *
   * @param row in the order of the schema's columns, canonical or NULL
   * @throws ValueException for NULL in a column that allows none
   */
  public byte[] write(TableSchema schema, Object[] row) {
    if (row.length != schema.columns().size()) {
      throw new ValueException(
          "table "
              + schema.tableName()
              + " has "
              + schema.columns().size()
              + " columns, not "
              + row.length);
    }
    reset();
    if (!schema.equals(storedOf)) {
      plan(schema);
    }
    for (int i = 0; i < row.length; i++) {
      Column column = schema.columns().get(i);
      if (row[i] == null && !column.nullable()) {
        throw new ValueException("column " + column.name() + " must not be NULL");
      }
      if (stored[i]) {
        set(column, row[i]);
      }
    }
    return toByteArray();
  }

  private void plan(TableSchema schema) {
    boolean[] planned = new boolean[schema.columns().size()];
    for (int i = 0; i < planned.length; i++) {
      planned[i] = schema.sourceOf(schema.columns().get(i)) instanceof ColumnSource.Value;
    }
    stored = planned;
    storedOf = schema;
  }

  /** The row that was set. */
  public byte[] toByteArray() {
    sort();
    boolean large =
        length > SMALL_DATA_MAX
            || (count > 0 && ids[count - 1] > SMALL_ID_MAX)
            || (nullCount > 0 && nullIds[nullCount - 1] > SMALL_ID_MAX);
    int idWidth = large ? 4 : 1;
    int offsetWidth = large ? 4 : 2;
    byte[] row =
        new byte
            [RowLayout.HEADER_LENGTH
                + (count + nullCount) * idWidth
                + count * offsetWidth
                + length];
    row[0] = RowLayout.VERSION;
    row[1] = (byte) (large ? RowLayout.FLAG_LARGE : 0);
    put(row, 2, count, 2);
    put(row, 4, nullCount, 2);
    int at = RowLayout.HEADER_LENGTH;
    for (int i = 0; i < count; i++) {
      at = put(row, at, ids[i], idWidth);
    }
    for (int i = 0; i < nullCount; i++) {
      at = put(row, at, nullIds[i], idWidth);
    }
    int offset = 0;
    for (int i = 0; i < count; i++) {
      offset += ends[i] - starts[i];
      at = put(row, at, offset, offsetWidth);
    }
    for (int i = 0; i < count; i++) {
      System.arraycopy(data, starts[i], row, at, ends[i] - starts[i]);
      at += ends[i] - starts[i];
    }
    return row;
  }

  private static int put(byte[] row, int at, long value, int width) {
    for (int i = 0; i < width; i++) {
      row[at + i] = (byte) (value >>> (8 * i));
    }
    return at + width;
  }

  /** Insertion sort: columns mostly come in order, and then this is one pass. */
  private void sort() {
    for (int i = 1; i < count; i++) {
      for (int j = i; j > 0 && ids[j - 1] >= ids[j]; j--) {
        if (ids[j - 1] == ids[j]) {
          throw new IllegalStateException("column id " + ids[j] + " was set twice");
        }
        swap(ids, j);
        swap(starts, j);
        swap(ends, j);
      }
    }
    Arrays.sort(nullIds, 0, nullCount);
  }

  private static void swap(long[] array, int j) {
    long kept = array[j];
    array[j] = array[j - 1];
    array[j - 1] = kept;
  }

  private static void swap(int[] array, int j) {
    int kept = array[j];
    array[j] = array[j - 1];
    array[j - 1] = kept;
  }
}
