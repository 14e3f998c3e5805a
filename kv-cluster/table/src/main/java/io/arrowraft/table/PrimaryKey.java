package io.arrowraft.table;

import java.util.List;

/** What makes a row's key. */
public sealed interface PrimaryKey {

  /** One integer column is the handle; it is stored in the key alone. */
  record IntegerHandle(long columnId) implements PrimaryKey {}

  /**
   * One or more columns, encoded in order, are the handle. STRING columns are stored in the value
   * as well, as TiDB does where a collation could lose trailing blanks; others in the key alone.
   */
  record CommonHandle(List<Long> columnIds) implements PrimaryKey {
    public CommonHandle {
      columnIds = List.copyOf(columnIds);
      if (columnIds.isEmpty()) {
        throw new SchemaException("a composite primary key needs at least one column");
      }
    }
  }

  /** No column: the writer assigns a row id that no column shows. */
  record HiddenRowId() implements PrimaryKey {}
}
