package io.arrowraft.client.table;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The columns of a row and where each stands. Shared by all rows of one origin. */
final class RowShape {
  private final List<String> columns;
  private final Map<String, Integer> positions = new LinkedHashMap<>();

  RowShape(List<String> columns) {
    this.columns = List.copyOf(columns);
    for (int i = 0; i < columns.size(); i++) {
      positions.put(columns.get(i).toLowerCase(Locale.ROOT), i);
    }
  }

  List<String> columns() {
    return columns;
  }

  /** Position of a column by its name, whose case does not matter; -1 if there is none. */
  int position(String column) {
    Integer position = positions.get(column);
    if (position == null) {
      position = positions.get(column.toLowerCase(Locale.ROOT));
    }
    return position == null ? -1 : position;
  }
}
