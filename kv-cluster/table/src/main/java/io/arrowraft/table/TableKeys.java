package io.arrowraft.table;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/** Keys of rows and index entries, and the ranges that hold them. */
public final class TableKeys {
  /** {@code t}, table id, {@code _r} or {@code _i}. */
  public static final int PREFIX_LENGTH = 11;

  /** Length of a key whose handle is an integer. */
  public static final int INT_HANDLE_KEY_LENGTH = PREFIX_LENGTH + 8;

  private static final byte[] ROW_SEPARATOR = {'_', 'r'};
  private static final byte[] INDEX_SEPARATOR = {'_', 'i'};

  private TableKeys() {}

  private static KeyBuilder rowPrefixInto(KeyBuilder builder, long tableId) {
    return builder.reset().raw((byte) 't').rawInt(tableId).raw(ROW_SEPARATOR);
  }

  /** What the keys of all rows of a table begin with. */
  public static byte[] rowPrefix(long tableId) {
    return rowPrefixInto(new KeyBuilder(), tableId).toByteArray();
  }

  /** What every key of a table begins with, rows and indexes. */
  public static byte[] tablePrefix(long tableId) {
    return new KeyBuilder().raw((byte) 't').rawInt(tableId).toByteArray();
  }

  /** What the keys of all entries of an index begin with. */
  public static byte[] indexPrefix(long tableId, long indexId) {
    return new KeyBuilder()
        .raw((byte) 't')
        .rawInt(tableId)
        .raw(INDEX_SEPARATOR)
        .rawInt(indexId)
        .toByteArray();
  }

  /** The key of a row with an integer handle or a hidden row id. */
  public static byte[] rowKey(long tableId, long handle) {
    return rowPrefixInto(new KeyBuilder(), tableId).rawInt(handle).toByteArray();
  }

  /**
   * The key of a row.
   *
   * @param primaryKeyValues in key order, canonical; none for a hidden row id
   * @param hiddenRowId used only where the table has no primary key
   */
  public static byte[] rowKey(TableSchema schema, Object[] primaryKeyValues, long hiddenRowId) {
    return rowKey(schema, schema.primaryKeyColumns(), primaryKeyValues, hiddenRowId);
  }

  /**
   * The same for who keeps the columns of the primary key at hand, since it encodes many rows.
   *
   * @param columns {@link TableSchema#primaryKeyColumns}
   */
  public static byte[] rowKey(
      TableSchema schema, List<Column> columns, Object[] primaryKeyValues, long hiddenRowId) {
    KeyBuilder builder = rowPrefixInto(new KeyBuilder(), schema.tableId());
    if (schema.primaryKey() instanceof PrimaryKey.HiddenRowId) {
      return builder.rawInt(hiddenRowId).toByteArray();
    }
    if (columns.size() != primaryKeyValues.length) {
      throw new ValueException(
          "the primary key of "
              + schema.tableName()
              + " has "
              + columns.size()
              + " columns, not "
              + primaryKeyValues.length);
    }
    if (schema.primaryKey() instanceof PrimaryKey.IntegerHandle) {
      return builder
          .rawInt(((Number) required(columns.get(0), primaryKeyValues[0])).longValue())
          .toByteArray();
    }
    for (int i = 0; i < primaryKeyValues.length; i++) {
      appendDatum(
          builder, columns.get(i).declared(), required(columns.get(i), primaryKeyValues[i]));
    }
    return builder.toByteArray();
  }

  private static Object required(Column column, Object value) {
    if (value == null) {
      throw new ValueException("primary key column " + column.name() + " must not be NULL");
    }
    return value;
  }

  /** Appends a canonical value, or NULL, as a datum of a column's declared type. */
  public static void appendDatum(KeyBuilder builder, DataType type, Object canonical) {
    if (canonical == null) {
      builder.nullDatum();
      return;
    }
    if (type instanceof DataType.Unsigned unsigned) {
      builder.unsignedDatum(unsigned.bitsOf(canonical));
      return;
    }
    switch (type.kind()) {
      case BOOLEAN -> builder.intDatum((Boolean) canonical ? 1 : 0);
      case TINYINT, SMALLINT, INTEGER, BIGINT -> builder.intDatum(((Number) canonical).longValue());
      case FLOAT, DOUBLE -> builder.doubleDatum(((Number) canonical).doubleValue());
      case DECIMAL -> RowValues.decimalDatum(builder, (DataType.Decimal) type, canonical);
      case STRING, JSON, BINARY -> builder.bytesDatum(RowValues.bytesOf(canonical));
      case DATE, TIMESTAMP, TIMESTAMP_NTZ ->
          builder.unsignedDatum(RowValues.packedTimeOf(type, canonical));
    }
  }

  /**
   * The key of an index entry. A unique entry without NULL carries its handle in the value, any
   * other at the end of its key.
   *
   * @param values of the index's columns, in order, canonical or NULL
   * @param rowKey the key of the row that the entry points to
   */
  public static byte[] indexKey(
      TableSchema schema, IndexSchema index, Object[] values, byte[] rowKey) {
    KeyBuilder builder = new KeyBuilder();
    builder.raw(indexPrefix(schema.tableId(), index.id()));
    boolean handleInKey = !index.unique();
    for (int i = 0; i < values.length; i++) {
      Column column = schema.columnById(index.columnIds().get(i)).orElseThrow();
      appendDatum(builder, column.declared(), values[i]);
      handleInKey |= values[i] == null;
    }
    if (handleInKey) {
      if (schema.primaryKey() instanceof PrimaryKey.CommonHandle) {
        builder.raw(Arrays.copyOfRange(rowKey, PREFIX_LENGTH, rowKey.length));
      } else {
        builder.intDatum(Memcomparable.rawInt(ByteBuffer.wrap(rowKey), PREFIX_LENGTH));
      }
    }
    return builder.toByteArray();
  }

  /** All rows of a table. */
  public static KeyRange tableRange(long tableId) {
    return KeyRange.prefix(rowPrefix(tableId));
  }

  /** All entries of an index. */
  public static KeyRange indexRange(long tableId, long indexId) {
    return KeyRange.prefix(indexPrefix(tableId, indexId));
  }

  /** The rows whose integer handle is {@code first} to {@code last}, both included. */
  public static KeyRange handleRange(long tableId, long first, long last) {
    Bytes start = Bytes.owning(rowKey(tableId, first));
    Bytes end =
        last == Long.MAX_VALUE
            ? KeyRange.prefixEnd(rowPrefix(tableId))
            : Bytes.owning(rowKey(tableId, last + 1));
    return new KeyRange(start, end);
  }

  /** The row of one integer handle. */
  public static KeyRange handlePoint(long tableId, long handle) {
    return KeyRange.point(rowKey(tableId, handle));
  }

  /** Whether the key is that of a row of the table. */
  public static boolean isRowKey(long tableId, byte[] key) {
    byte[] prefix = rowPrefix(tableId);
    return key.length > prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }

  /** The table that a key belongs to; empty if it is no table key. */
  public static OptionalLong tableIdOf(byte[] key) {
    if (key.length < 9 || key[0] != 't') {
      return OptionalLong.empty();
    }
    return OptionalLong.of(Memcomparable.rawInt(ByteBuffer.wrap(key), 1));
  }

  /** The integer handle of a row key. */
  public static long handleOf(byte[] rowKey) {
    if (rowKey.length != INT_HANDLE_KEY_LENGTH) {
      throw new CorruptRowException(
          "a row key with an integer handle has "
              + INT_HANDLE_KEY_LENGTH
              + " bytes, not "
              + rowKey.length);
    }
    return Memcomparable.rawInt(ByteBuffer.wrap(rowKey), PREFIX_LENGTH);
  }
}
