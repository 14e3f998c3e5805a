package io.arrowraft.table;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Reads whole rows into canonical Java values, for clients. A row that lacks a column shows the
 * column's default, or NULL.
 */
public final class RowReader {
  private final TableSchema schema;
  private final RowLayout layout = new RowLayout();

  public RowReader(TableSchema schema) {
    this.schema = schema;
  }

  /** The row's values in the order of the schema's columns. */
  public Object[] read(byte[] key, byte[] value) {
    ByteBuffer keyBuffer = ByteBuffer.wrap(key);
    ByteBuffer valueBuffer = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
    if (!TableKeys.isRowKey(schema.tableId(), key)) {
      throw new CorruptRowException("a key that is no row of table " + schema.tableName());
    }
    layout.parse(valueBuffer, 0, value.length);
    List<Column> columns = schema.columns();
    Object[] row = new Object[columns.size()];
    for (int i = 0; i < row.length; i++) {
      Column column = columns.get(i);
      ColumnSource source = schema.sourceOf(column);
      if (source instanceof ColumnSource.Handle) {
        row[i] = RowValues.ofLong(column.type(), TableKeys.handleOf(key));
      } else if (source instanceof ColumnSource.HandlePart part) {
        row[i] = readPart(column, keyBuffer, key.length, part.position());
      } else {
        row[i] = readValue(column, valueBuffer);
      }
    }
    return row;
  }

  private static Object readPart(Column column, ByteBuffer key, int end, int position) {
    int at = TableKeys.PREFIX_LENGTH;
    for (int i = 0; i < position; i++) {
      at = Memcomparable.skipDatum(key, at, end);
    }
    return RowValues.readDatum(column, key, at, end);
  }

  private Object readValue(Column column, ByteBuffer value) {
    int slot = layout.find(column.id());
    if (slot == RowLayout.NULL) {
      return null;
    }
    if (slot == RowLayout.ABSENT) {
      return column.defaultValue().orElse(null);
    }
    return RowValues.read(column, value, layout.valueStart(slot), layout.valueEnd(slot));
  }
}
