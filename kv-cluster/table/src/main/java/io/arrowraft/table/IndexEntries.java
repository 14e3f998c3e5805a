package io.arrowraft.table;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Index entries: made from rows, and led back to them.
 *
 * <p>The key says what was indexed. It ends with the handle, unless the entry is distinct; then the
 * value carries the handle: eight bytes of an integer one, or TiDB's index value version 1 with a
 * composite one. Keys compare STRING by its bytes (in TiDB's terms {@code utf8mb4_0900_bin}), from
 * which the values return exactly, so no value carries restored data.
 */
public final class IndexEntries {
  private static final byte VERSION_FLAG = 125;
  private static final byte VERSION = 1;
  private static final byte COMMON_HANDLE_FLAG = 127;
  private static final int COMMON_HANDLE_AT = 6;
  private static final byte[] NOTHING = {'0'};
  private static final byte[] NOTHING_OF_COMMON_HANDLE = {0, VERSION_FLAG, VERSION};

  private IndexEntries() {}

  /**
   * The entry of a row.
   *
   * @param row in the order of the schema's columns, canonical or NULL
   */
  public static IndexEntry of(TableSchema schema, IndexSchema index, Object[] row, byte[] rowKey) {
    Object[] values = new Object[index.columnIds().size()];
    boolean distinct = index.unique();
    for (int i = 0; i < values.length; i++) {
      values[i] = row[schema.indexOf(index.columnIds().get(i))];
      distinct &= values[i] != null;
    }
    return new IndexEntry(
        index,
        Bytes.owning(TableKeys.indexKey(schema, index, values, rowKey)),
        Bytes.owning(value(schema, distinct, rowKey)),
        distinct);
  }

  private static byte[] value(TableSchema schema, boolean distinct, byte[] rowKey) {
    if (!(schema.primaryKey() instanceof PrimaryKey.CommonHandle)) {
      return distinct
          ? ByteBuffer.allocate(Long.BYTES).putLong(TableKeys.handleOf(rowKey)).array()
          : NOTHING;
    }
    if (!distinct) {
      return NOTHING_OF_COMMON_HANDLE;
    }
    int length = rowKey.length - TableKeys.PREFIX_LENGTH;
    return ByteBuffer.allocate(COMMON_HANDLE_AT + length)
        .put(NOTHING_OF_COMMON_HANDLE)
        .put(COMMON_HANDLE_FLAG)
        .putShort((short) length)
        .put(rowKey, TableKeys.PREFIX_LENGTH, length)
        .array();
  }

  /**
   * The entries that writers keep for a row; those that it must not have any more are in it too.
   *
   * @param row in the order of the schema's columns, canonical or NULL
   */
  public static List<IndexEntry> all(TableSchema schema, Object[] row, byte[] rowKey) {
    List<IndexEntry> entries = new ArrayList<>();
    for (IndexSchema index : schema.indexes()) {
      if (index.state().removes()) {
        entries.add(of(schema, index, row, rowKey));
      }
    }
    return entries;
  }

  /** The key of the entry of a unique index with these values, none of which is NULL. */
  public static byte[] distinctKey(TableSchema schema, IndexSchema index, Object[] values) {
    return TableKeys.indexKey(schema, index, values, new byte[0]);
  }

  /** The key of the row that an entry points to. */
  public static byte[] rowKeyOf(TableSchema schema, IndexSchema index, byte[] key, byte[] value) {
    ByteBuffer buffer = ByteBuffer.wrap(key);
    int at = TableKeys.PREFIX_LENGTH + Long.BYTES;
    boolean distinct = index.unique();
    for (int i = 0; i < index.columnIds().size(); i++) {
      distinct &= at < key.length && key[at] != Memcomparable.NULL_FLAG;
      at = Memcomparable.skipDatum(buffer, at, key.length);
    }
    boolean common = schema.primaryKey() instanceof PrimaryKey.CommonHandle;
    if (!distinct) {
      return common
          ? commonRowKey(schema, Arrays.copyOfRange(key, at, key.length))
          : TableKeys.rowKey(schema.tableId(), Memcomparable.intDatum(buffer, at, key.length));
    }
    if (!common) {
      return TableKeys.rowKey(schema.tableId(), integerHandle(value));
    }
    ByteBuffer stored = ByteBuffer.wrap(value);
    if (value.length < COMMON_HANDLE_AT
        || value[1] != VERSION_FLAG
        || value[3] != COMMON_HANDLE_FLAG
        || value.length < COMMON_HANDLE_AT + (stored.getShort(4) & 0xFFFF)) {
      throw new CorruptRowException("an entry of index " + index.name() + " names no row");
    }
    int end = COMMON_HANDLE_AT + (stored.getShort(4) & 0xFFFF);
    return commonRowKey(schema, Arrays.copyOfRange(value, COMMON_HANDLE_AT, end));
  }

  private static byte[] commonRowKey(TableSchema schema, byte[] handle) {
    return new KeyBuilder().raw(TableKeys.rowPrefix(schema.tableId())).raw(handle).toByteArray();
  }

  /** TiDB puts the handle at the end where the value holds more than that. */
  private static long integerHandle(byte[] value) {
    int tail = value.length > Long.BYTES + 1 ? value[0] & 0xFF : Long.BYTES;
    if (value.length < tail || tail < Long.BYTES) {
      throw new CorruptRowException("an index entry with a handle of " + value.length + " bytes");
    }
    return ByteBuffer.wrap(value).getLong(value.length - tail);
  }

  /** Where the entries with these first values lie; an unbounded range of NULL is one as well. */
  public static KeyRange rangeOf(TableSchema schema, IndexSchema index, List<?> firstValues) {
    return KeyRange.prefix(start(schema, index, firstValues).toByteArray());
  }

  /**
   * Where the entries lie whose first values are equal to some and whose next one lies between two
   * others, neither of them NULL: NULL is in no such range.
   *
   * @param low null for no bound
   * @param high null for no bound
   */
  public static KeyRange rangeOf(
      TableSchema schema, IndexSchema index, List<?> firstValues, Bound low, Bound high) {
    byte[] common = start(schema, index, firstValues).toByteArray();
    Column next = columnOf(schema, index, firstValues.size());
    Bytes from;
    if (low == null) {
      from =
          Bytes.owning(
              new KeyBuilder().raw(common).raw((byte) (Memcomparable.NULL_FLAG + 1)).toByteArray());
    } else {
      byte[] bound = bounded(common, next, low);
      from = low.inclusive() ? Bytes.owning(bound) : KeyRange.prefixEnd(bound);
    }
    Bytes to;
    if (high == null) {
      to = KeyRange.prefixEnd(common);
    } else {
      byte[] bound = bounded(common, next, high);
      to = high.inclusive() ? KeyRange.prefixEnd(bound) : Bytes.owning(bound);
    }
    return new KeyRange(from, to);
  }

  /** An end of a range; the value is canonical and not NULL. */
  public record Bound(Object value, boolean inclusive) {}

  private static byte[] bounded(byte[] common, Column column, Bound bound) {
    KeyBuilder builder = new KeyBuilder().raw(common);
    TableKeys.appendDatum(builder, column.declared(), bound.value());
    return builder.toByteArray();
  }

  private static KeyBuilder start(TableSchema schema, IndexSchema index, List<?> firstValues) {
    KeyBuilder builder = new KeyBuilder();
    builder.raw(TableKeys.indexPrefix(schema.tableId(), index.id()));
    for (int i = 0; i < firstValues.size(); i++) {
      TableKeys.appendDatum(builder, columnOf(schema, index, i).declared(), firstValues.get(i));
    }
    return builder;
  }

  /** The column at a position of the index. */
  public static Column columnOf(TableSchema schema, IndexSchema index, int position) {
    if (position >= index.columnIds().size()) {
      throw new ValueException(
          "index "
              + index.name()
              + " has "
              + index.columnIds().size()
              + " columns, and a bound was given for one more");
    }
    return schema.columnById(index.columnIds().get(position)).orElseThrow();
  }
}
