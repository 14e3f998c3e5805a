package io.arrowraft.table;

import java.util.List;

/**
 * What changes of a table have left behind and have under way.
 *
 * @param lastColumnId the greatest that a column ever had: ids are not used again, since old rows
 *     may still hold values under them
 * @param lastIndexId likewise
 * @param columns those under change
 */
public record Evolution(long lastColumnId, long lastIndexId, List<ChangingColumn> columns) {
  public Evolution {
    columns = List.copyOf(columns);
  }

  /** Of a table that never changed. */
  static Evolution none(List<Column> columns, List<IndexSchema> indexes) {
    return new Evolution(
        columns.stream().mapToLong(Column::id).max().orElse(0),
        indexes.stream().mapToLong(IndexSchema::id).max().orElse(0),
        List.of());
  }
}
