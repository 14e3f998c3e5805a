package io.arrowraft.client.table;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import java.util.List;

/** Which columns of rows a reader wants. */
final class Projection {
  static final Projection ALL = new Projection(null, null);

  private final RowShape shape;
  private final int[] positions;

  private Projection(RowShape shape, int[] positions) {
    this.shape = shape;
    this.positions = positions;
  }

  static Projection of(TableView view, List<String> columns) {
    int[] positions = new int[columns.size()];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = view.shape().position(columns.get(i));
      if (positions[i] < 0) {
        throw new InvalidRequestException(
            ErrorCode.UNKNOWN_COLUMN,
            "table "
                + view.schema().tableName()
                + " has no column "
                + columns.get(i)
                + ", only "
                + view.shape().columns());
      }
    }
    return new Projection(
        new RowShape(
            java.util.Arrays.stream(positions).mapToObj(view.shape().columns()::get).toList()),
        positions);
  }

  StoredRow of(StoredRow stored) {
    if (shape == null) {
      return stored;
    }
    Object[] values = new Object[positions.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = stored.row().at(positions[i]);
    }
    return new StoredRow(stored.rowKey(), new Row(shape, values));
  }
}
