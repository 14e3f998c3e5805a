package io.arrowraft.client.table;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.Column;
import io.arrowraft.table.ColumnValue;
import io.arrowraft.table.CorruptRowException;
import io.arrowraft.table.PrimaryKey;
import io.arrowraft.table.RowReader;
import io.arrowraft.table.RowWriter;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableSchema;
import io.arrowraft.table.ValueException;
import java.util.List;

/**
 * Between rows as users see them and pairs as the store keeps them. Checks what it is given. Holds
 * reused buffers: one thread at a time.
 */
final class RowCodec {
  private final TableSchema schema;
  private final RowShape shape;
  private final List<Column> keyColumns;
  private final RowWriter writer = new RowWriter();
  private final RowReader reader;

  RowCodec(TableSchema schema, RowShape shape) {
    this.schema = schema;
    this.shape = shape;
    this.keyColumns = schema.primaryKeyColumns();
    this.reader = new RowReader(schema);
  }

  /** The pair that stores {@code row}; {@code rowId} counts only where there is no primary key. */
  KeyValue encode(Row row, long rowId) {
    Object[] values = canonical(row);
    Object[] key = new Object[keyColumns.size()];
    for (int i = 0; i < key.length; i++) {
      key[i] = values[schema.indexOf(keyColumns.get(i).id())];
    }
    return new KeyValue(Bytes.wrap(TableKeys.rowKey(schema, key, rowId)), value(values));
  }

  /** The value of a row whose key is known. */
  Bytes encodeValue(Row row) {
    return value(canonical(row));
  }

  private Bytes value(Object[] values) {
    try {
      return Bytes.wrap(writer.write(schema, values));
    } catch (ValueException refused) {
      throw invalid(refused);
    }
  }

  /** The key of the row with the given primary key. */
  Bytes key(Object... primaryKey) {
    if (schema.primaryKey() instanceof PrimaryKey.HiddenRowId) {
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
    return Bytes.wrap(TableKeys.rowKey(schema, canonical, 0));
  }

  /** The primary key's values in a row that has them all. */
  Object[] primaryKeyOf(Row row) {
    return keyColumns.stream().map(column -> row.get(column.name())).toArray();
  }

  StoredRow decode(Bytes key, Bytes value) {
    try {
      return new StoredRow(
          key, new Row(shape, reader.read(key.unsafeArray(), value.unsafeArray())));
    } catch (CorruptRowException damaged) {
      throw new InvalidRequestException(
          ErrorCode.CORRUPT_DATA,
          "the row of table " + schema.tableName() + " at " + key + ": " + damaged.getMessage(),
          damaged);
    }
  }

  /** {@code row} with the columns of {@code changes} in place of its own. */
  Row merged(Row row, Row changes) {
    requireKnownColumns(changes);
    Object[] values = new Object[shape.columns().size()];
    for (int i = 0; i < values.length; i++) {
      int changed = changes.shape().position(shape.columns().get(i));
      values[i] = changed >= 0 ? changes.at(changed) : row.at(i);
    }
    return new Row(shape, values);
  }

  private Object[] canonical(Row row) {
    List<Column> columns = schema.columns();
    Object[] values = new Object[columns.size()];
    boolean sameShape = row.shape() == shape;
    if (!sameShape) {
      requireKnownColumns(row);
    }
    for (int i = 0; i < values.length; i++) {
      Column column = columns.get(i);
      int position = sameShape ? i : row.shape().position(column.name());
      values[i] =
          position >= 0
              ? canonical(column, row.at(position))
              : canonical(column, column.defaultValue().orElse(null));
    }
    return values;
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
      return ColumnValue.canonical(column.name(), column.type(), value);
    } catch (ValueException refused) {
      throw invalid(refused);
    }
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
