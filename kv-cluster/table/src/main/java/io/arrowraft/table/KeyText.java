package io.arrowraft.table;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What a key says, for people. */
public final class KeyText {
  private KeyText() {}

  /** Such as {@code primary key (7)} or {@code index by_mail, key (a@b.c)}. */
  public static String of(TableSchema schema, byte[] key) {
    try {
      ByteBuffer buffer = ByteBuffer.wrap(key);
      if (TableKeys.isRowKey(schema.tableId(), key)) {
        return "primary key " + primaryKey(schema, buffer, key.length);
      }
      for (IndexSchema index : schema.indexes()) {
        Bytes prefix = Bytes.owning(TableKeys.indexPrefix(schema.tableId(), index.id()));
        if (KeyRange.prefix(prefix.toByteArray()).contains(Bytes.copyOf(key))) {
          List<Column> columns =
              index.columnIds().stream().map(id -> schema.columnById(id).orElseThrow()).toList();
          return "index "
              + index.name()
              + ", key "
              + datums(columns, buffer, prefix.length(), key.length);
        }
      }
    } catch (CorruptRowException damaged) {
      return "a damaged key: " + damaged.getMessage();
    }
    return "no key of the table";
  }

  private static String primaryKey(TableSchema schema, ByteBuffer key, int end) {
    return schema.primaryKey() instanceof PrimaryKey.CommonHandle
        ? datums(schema.primaryKeyColumns(), key, TableKeys.PREFIX_LENGTH, end)
        : "(" + TableKeys.handleOf(key.array()) + ")";
  }

  private static String datums(List<Column> columns, ByteBuffer key, int from, int end) {
    List<String> texts = new ArrayList<>();
    int at = from;
    for (Column column : columns) {
      if (at < end && key.get(at) == Memcomparable.NULL_FLAG) {
        texts.add("NULL");
      } else {
        Object value = RowValues.readDatum(column, key, at, end);
        texts.add(
            value instanceof byte[] bytes ? Bytes.owning(bytes).toString() : String.valueOf(value));
      }
      at = Memcomparable.skipDatum(key, at, end);
    }
    return "(" + String.join(", ", texts) + ")";
  }
}
