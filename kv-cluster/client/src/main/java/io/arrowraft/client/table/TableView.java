package io.arrowraft.client.table;

import io.arrowraft.table.Column;
import io.arrowraft.table.PrimaryKey;
import io.arrowraft.table.TableSchema;

/** One version of a table's definition, ready for use. Immutable. */
final class TableView {
  private final TableSchema schema;
  private final TableSchema written;
  private final RowShape shape;

  TableView(TableSchema schema) {
    this.schema = schema;
    this.written = schema.asWritten();
    this.shape = new RowShape(schema.columns().stream().map(Column::name).toList());
  }

  /** As readers see it. */
  TableSchema schema() {
    return schema;
  }

  /** As writers fill it: with columns behind the others that readers do not see. */
  TableSchema written() {
    return written;
  }

  /** Of the rows that readers see. */
  RowShape shape() {
    return shape;
  }

  boolean hasHiddenRowId() {
    return schema.primaryKey() instanceof PrimaryKey.HiddenRowId;
  }

  /** Whether rows have entries that must go with them. */
  boolean hasEntries() {
    return schema.indexes().stream().anyMatch(index -> index.state().removes());
  }

  RowCodec codec() {
    return new RowCodec(this);
  }
}
