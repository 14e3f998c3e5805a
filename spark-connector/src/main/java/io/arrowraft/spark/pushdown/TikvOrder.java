package io.arrowraft.spark.pushdown;

import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.SortKey;
import io.arrowraft.table.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.connector.expressions.NullOrdering;
import org.apache.spark.sql.connector.expressions.SortDirection;
import org.apache.spark.sql.connector.expressions.SortOrder;

/**
 * The order in which the first rows are wanted.
 *
 * @param keys over the table's columns; none where any rows will do
 * @param text the order as EXPLAIN shows it
 */
public record TikvOrder(List<SortKey> keys, String text) {
  public static final TikvOrder NONE = new TikvOrder(List.of(), "");

  public TikvOrder {
    keys = List.copyOf(keys);
  }

  /** The order, or empty if Spark must sort. */
  public static Optional<TikvOrder> of(SortOrder[] orders, TikvExpressions expressions) {
    List<SortKey> keys = new ArrayList<>();
    for (SortOrder order : orders) {
      Optional<Expression> key =
          expressions
              .translate(order.expression())
              .filter(expression -> isSortable(expression.type()))
              // Spark evaluates keys of rows that the limit drops, and so do stores; but not of
              // the same rows.
              .filter(expression -> !expressions.canFail(expression));
      if (key.isEmpty()) {
        return Optional.empty();
      }
      keys.add(
          new SortKey(
              key.get(),
              order.direction() == SortDirection.DESCENDING,
              order.nullOrdering() == NullOrdering.NULLS_FIRST));
    }
    return Optional.of(new TikvOrder(keys, Arrays.toString(orders)));
  }

  private static boolean isSortable(DataType type) {
    return switch (type.kind()) {
      case BOOLEAN, BINARY, JSON, FLOAT, DOUBLE -> false;
      default -> true;
    };
  }
}
