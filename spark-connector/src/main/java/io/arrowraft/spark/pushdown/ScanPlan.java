package io.arrowraft.spark.pushdown;

import io.arrowraft.coprocessor.plan.AggregateCall;
import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.ScanColumn;
import io.arrowraft.coprocessor.plan.SortKey;
import io.arrowraft.table.TableSchema;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeSet;

/**
 * Builds the plan that stores run: a scan of just the columns that something needs, then the
 * filters, then either the partial aggregation or the wanted columns and the limit.
 */
public final class ScanPlan {
  private final TableSchema schema;
  private final List<Integer> scanned;

  private ScanPlan(TableSchema schema, List<Integer> scanned) {
    this.schema = schema;
    this.scanned = scanned;
  }

  /**
   * The plan for reading columns.
   *
   * @param outputs positions of the wanted columns in the table
   * @param conditions over the table's columns
   * @param limit how many rows are wanted at most, the first ones in {@code order} if there is one
   */
  public static PlanNode columns(
      TableSchema schema,
      List<Integer> outputs,
      List<Expression> conditions,
      TikvOrder order,
      OptionalInt limit) {
    TreeSet<Integer> needed = new TreeSet<>(outputs);
    conditions.forEach(condition -> collect(condition, needed));
    order.keys().forEach(key -> collect(key.expression(), needed));
    ScanPlan plan = new ScanPlan(schema, List.copyOf(needed));
    PlanNode node = plan.filtered(conditions);
    if (!order.keys().isEmpty()) {
      node = plan.first(node, order, limit.orElseThrow());
    }
    List<Expression> projected =
        outputs.stream()
            .map(
                position ->
                    plan.renumber(
                        Expression.column(position, schema.columns().get(position).type())))
            .toList();
    if (!plan.scanned.equals(outputs)) {
      node = new PlanNode.Projection(node, projected);
    }
    return limit.isPresent() && order.keys().isEmpty()
        ? new PlanNode.Limit(node, limit.getAsInt())
        : node;
  }

  private PlanNode first(PlanNode input, TikvOrder order, int count) {
    List<SortKey> keys =
        order.keys().stream()
            .map(key -> new SortKey(renumber(key.expression()), key.descending(), key.nullsFirst()))
            .toList();
    return new PlanNode.TopN(input, keys, count);
  }

  /** The plan for a partial aggregation. */
  public static PlanNode aggregation(
      TableSchema schema, TikvAggregates aggregates, List<Expression> conditions) {
    TreeSet<Integer> needed = new TreeSet<>();
    conditions.forEach(condition -> collect(condition, needed));
    aggregates.groupBy().forEach(key -> collect(key, needed));
    aggregates
        .aggregates()
        .forEach(call -> call.argument().ifPresent(argument -> collect(argument, needed)));
    ScanPlan plan = new ScanPlan(schema, List.copyOf(needed));
    List<AggregateCall> calls =
        aggregates.aggregates().stream()
            .map(
                call ->
                    new AggregateCall(
                        call.function(), call.argument().map(plan::renumber), call.type()))
            .toList();
    return new PlanNode.PartialAggregation(
        plan.filtered(conditions),
        aggregates.groupBy().stream().map(plan::renumber).toList(),
        calls);
  }

  private PlanNode filtered(List<Expression> conditions) {
    List<ScanColumn> columns =
        scanned.stream()
            .map(position -> ScanColumn.of(schema, schema.columns().get(position)))
            .toList();
    PlanNode scan = new PlanNode.TableScan(schema.tableId(), columns, false);
    return conditions.isEmpty()
        ? scan
        : new PlanNode.Selection(scan, conditions.stream().map(this::renumber).toList());
  }

  private static void collect(Expression expression, TreeSet<Integer> columns) {
    if (expression instanceof Expression.ColumnReference reference) {
      columns.add(reference.index());
    } else if (expression instanceof Expression.Call call) {
      call.arguments().forEach(argument -> collect(argument, columns));
    }
  }

  private Expression renumber(Expression expression) {
    if (expression instanceof Expression.ColumnReference reference) {
      return Expression.column(scanned.indexOf(reference.index()), reference.type());
    }
    if (expression instanceof Expression.Call call) {
      return new Expression.Call(
          call.operator(), call.arguments().stream().map(this::renumber).toList(), call.type());
    }
    return expression;
  }
}
