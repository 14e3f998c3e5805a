package io.arrowraft.client.table;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.AutoId;
import io.arrowraft.table.Column;
import io.arrowraft.table.ColumnValue;
import io.arrowraft.table.CorruptRowException;
import io.arrowraft.table.RowReader;
import io.arrowraft.table.RowWriter;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableSchema;
import io.arrowraft.table.ValueException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Between rows as users see them and pairs as the store keeps them. Checks what it is given. Holds
 * reused buffers: one thread at a time.
 *
 * <p>Arrays of values are in the order of the columns that writers fill, canonical or NULL.
 */
final class RowCodec {
  private final TableSchema schema;
  private final TableSchema written;
  private final RowShape shape;
  private final List<Column> keyColumns;

  /** Where a row's values have those of the primary key. */
  private final int[] keyPositions;

  private final RowWriter writer = new RowWriter();
  private final RowReader reader;

  RowCodec(TableView view) {
    this.schema = view.schema();
    this.written = view.written();
    this.shape = view.shape();
    this.keyColumns = schema.primaryKeyColumns();
    this.keyPositions =
        keyColumns.stream().mapToInt(column -> written.indexOf(column.id())).toArray();
    this.reader = new RowReader(written);
  }

  /** The pair that stores {@code row}; {@code rowId} counts only where there is no primary key. */
  KeyValue encode(Row row, long rowId) {
    Object[] values = values(row);
    return new KeyValue(key(values, rowId), encode(values));
  }

  /** The value that stores a row. */
  Bytes encode(Object[] values) {
    try {
      return Bytes.wrap(writer.write(written, values));
    } catch (ValueException refused) {
      throw invalid(refused);
    }
  }

  /** The key of a row; {@code rowId} counts only where there is no primary key. */
  Bytes key(Object[] values, long rowId) {
    Object[] key = new Object[keyPositions.length];
    for (int i = 0; i < key.length; i++) {
      key[i] = values[keyPositions[i]];
    }
    return Bytes.wrap(TableKeys.rowKey(schema, keyColumns, key, rowId));
  }

  /** The key of the row with the given primary key. */
  Bytes keyOf(Object... primaryKey) {
    if (keyColumns.isEmpty()) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_ARGUMENT,
          "table " + schema.tableName() + " has no primary key: address its rows by row key");
    }
    if (primaryKey.length != keyColumns.size()) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_ARGUMENT,
          "the primary key of table "
              + schema.tableName()
              + " has "
              + keyColumns.size()
              + " columns, but "
              + primaryKey.length
              + " values were given");
    }
    Object[] canonical = new Object[primaryKey.length];
    for (int i = 0; i < primaryKey.length; i++) {
      canonical[i] = canonical(keyColumns.get(i), primaryKey[i]);
    }
    return Bytes.wrap(TableKeys.rowKey(schema, keyColumns, canonical, 0));
  }

  /** The primary key's values in a row that has them all. */
  Object[] primaryKeyOf(Row row) {
    return keyColumns.stream().map(column -> row.get(column.name())).toArray();
  }

  /** Whether the row leaves its primary key to the table. */
  boolean wantsId(Row row) {
    if (schema.autoId() instanceof AutoId.None) {
      return false;
    }
    int position = row.shape().position(keyColumns.get(0).name());
    return position < 0 || row.at(position) == null;
  }

  /** The values of a row that says what its key is. */
  Object[] values(Row row) {
    return values(row, null);
  }

  /**
   * The values of a row.
   *
   * @param id the primary key of one that leaves it to the table; null for others
   */
  Object[] values(Row row, Long id) {
    List<Column> columns = written.columns();
    Object[] values = new Object[columns.size()];
    boolean sameShape = row.shape() == shape;
    if (!sameShape) {
      requireKnownColumns(row);
    }
    int seen = schema.columns().size();
    for (int i = 0; i < values.length; i++) {
      Column column = columns.get(i);
      int position =
          sameShape && i < seen ? i : i < seen ? row.shape().position(column.name()) : -1;
      Object value = position >= 0 ? row.at(position) : column.defaultValue().orElse(null);
      if (id != null && column.equals(keyColumns.get(0))) {
        value = id;
      }
      values[i] = canonical(column, value);
    }
    return values;
  }

  /** {@code values} with the columns of {@code changes} in place of its own. */
  Object[] changed(Object[] values, Row changes) {
    requireKnownColumns(changes);
    Object[] changed = values.clone();
    for (int i = 0; i < schema.columns().size(); i++) {
      Column column = schema.columns().get(i);
      int position = changes.shape().position(column.name());
      if (position >= 0) {
        changed[i] = canonical(column, changes.at(position));
      }
    }
    return changed;
  }

  /** A stored row's values. */
  Object[] decodeValues(Bytes key, Bytes value) {
    try {
      return reader.read(key.unsafeArray(), value.unsafeArray());
    } catch (CorruptRowException damaged) {
      throw new InvalidRequestException(
          ErrorCode.CORRUPT_DATA,
          "the row of table " + schema.tableName() + " at " + key + ": " + damaged.getMessage(),
          damaged);
    }
  }

  /** A stored row as readers see it. */
  StoredRow decode(Bytes key, Bytes value) {
    return new StoredRow(key, row(decodeValues(key, value)));
  }

  /** A row as readers see it. */
  Row row(Object[] values) {
    return new Row(shape, Arrays.copyOf(values, schema.columns().size()));
  }

  private Object canonical(Column column, Object value) {
    if (value == null) {
      if (!column.nullable()) {
        throw new InvalidRequestException(
            ErrorCode.INVALID_VALUE,
            "column "
                + column.name()
                + " of table "
                + schema.tableName()
                + " must not be NULL and has no value");
      }
      return null;
    }
    try {
      return ColumnValue.canonical(column.name(), column.declared(), value);
    } catch (ValueException refused) {
      throw invalid(refused);
    }
  }

  /** Canonical values for the first columns of an index. */
  List<Object> canonical(List<Column> columns, List<?> values) {
    List<Object> canonical = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      Column column = columns.get(i);
      try {
        canonical.add(
            values.get(i) == null
                ? null
                : ColumnValue.canonical(column.name(), column.declared(), values.get(i)));
      } catch (ValueException refused) {
        throw invalid(refused);
      }
    }
    return canonical;
  }

  private void requireKnownColumns(Row row) {
    for (String name : row.columns()) {
      if (shape.position(name) < 0) {
        throw new InvalidRequestException(
            ErrorCode.UNKNOWN_COLUMN,
            "table " + schema.tableName() + " has no column " + name + ", only " + shape.columns());
      }
    }
  }

  private InvalidRequestException invalid(ValueException refused) {
    return new InvalidRequestException(
        ErrorCode.INVALID_VALUE,
        "table " + schema.tableName() + ": " + refused.getMessage(),
        refused);
  }
}
