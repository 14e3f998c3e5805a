package io.arrowraft.coprocessor.plan;

import io.arrowraft.coprocessor.plan.PlanException.Code;
import io.arrowraft.table.ColumnSource;
import io.arrowraft.table.DataType;
import io.arrowraft.table.DataType.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks a plan as a whole: shape, indexes, types and size. What passes can be executed without
 * looking again; what does not is a {@link PlanException} that names the place.
 */
public final class PlanValidator {
  /** Steps from the scan to the last one. */
  public static final int NODES_MAX = 32;

  /** Columns that a step may yield. */
  public static final int COLUMNS_MAX = 4096;

  /** Rows that a top-n may keep. */
  public static final int TOP_N_ROWS_MAX = 65_536;

  private final boolean floatingSumAllowed;
  private final ExpressionValidator expressions = new ExpressionValidator();

  private PlanValidator(boolean floatingSumAllowed) {
    this.floatingSumAllowed = floatingSumAllowed;
  }

  /** Returns {@code request} if it is sound. */
  public static PlanRequest validate(PlanRequest request) {
    PlanValidator validator = new PlanValidator(request.floatingSumAllowed());
    List<PlanNode> chain = chain(request.plan());
    List<DataType> input = List.of();
    for (PlanNode node : chain) {
      input = validator.check(node, input);
      if (input.size() > COLUMNS_MAX) {
        throw new PlanException(
            Code.TOO_LARGE, "a step yields " + input.size() + " columns, at most " + COLUMNS_MAX);
      }
    }
    return request;
  }

  /** The steps in the order in which rows pass them: the scan first. */
  public static List<PlanNode> chain(PlanNode plan) {
    List<PlanNode> chain = new ArrayList<>();
    for (Optional<PlanNode> node = Optional.of(plan);
        node.isPresent();
        node = node.get().inputNode()) {
      if (chain.size() == NODES_MAX) {
        throw new PlanException(Code.TOO_LARGE, "a plan has at most " + NODES_MAX + " steps");
      }
      chain.add(0, node.get());
    }
    return chain;
  }

  private List<DataType> check(PlanNode node, List<DataType> input) {
    if (node instanceof PlanNode.TableScan scan) {
      scan.columns().forEach(this::checkScanColumn);
    } else if (node instanceof PlanNode.Selection selection) {
      for (Expression condition : selection.conditions()) {
        expressions.check(condition, input);
        ExpressionValidator.require(
            condition.type().kind() == Kind.BOOLEAN, "a condition is BOOLEAN, not ", condition);
      }
    } else if (node instanceof PlanNode.Projection projection) {
      projection.expressions().forEach(expression -> expressions.check(expression, input));
    } else if (node instanceof PlanNode.PartialAggregation aggregation) {
      aggregation.groupBy().forEach(expression -> expressions.check(expression, input));
      aggregation.aggregates().forEach(aggregate -> checkAggregate(aggregate, input));
      if (aggregation.groupBy().isEmpty() && aggregation.aggregates().isEmpty()) {
        throw new PlanException(Code.INVALID, "an aggregation without keys and aggregates");
      }
    } else if (node instanceof PlanNode.TopN topN) {
      checkTopN(topN, input);
    } else if (node instanceof PlanNode.Limit limit && limit.count() < 0) {
      throw new PlanException(Code.INVALID, "a limit must not be negative: " + limit.count());
    }
    return ResultColumns.of(node);
  }

  private void checkScanColumn(ScanColumn column) {
    column
        .defaultValue()
        .ifPresent(
            value -> {
              if (!value.type().equals(column.type())) {
                throw new PlanException(
                    Code.INVALID,
                    "column id "
                        + column.columnId()
                        + " is "
                        + column.type().sql()
                        + " but its default is "
                        + value.type().sql());
              }
            });
    if (column.source() instanceof ColumnSource.Handle && !column.type().isInteger()) {
      throw new PlanException(
          Code.INVALID,
          "column id " + column.columnId() + " is an integer handle but " + column.type().sql());
    }
  }

  private void checkAggregate(AggregateCall aggregate, List<DataType> input) {
    if (aggregate.function() == AggregateFunction.COUNT_ALL) {
      if (aggregate.argument().isPresent() || aggregate.type().kind() != Kind.BIGINT) {
        throw new PlanException(Code.INVALID, "COUNT(*) takes no argument and is BIGINT");
      }
      return;
    }
    Expression argument =
        aggregate
            .argument()
            .orElseThrow(
                () ->
                    new PlanException(
                        Code.INVALID, aggregate.function().symbol() + " lacks its argument"));
    expressions.check(argument, input);
    DataType from = argument.type();
    DataType to = aggregate.type();
    boolean fits =
        switch (aggregate.function()) {
          case COUNT_ALL, COUNT -> to.kind() == Kind.BIGINT;
          case SUM -> sumFits(from, to);
          case MIN, MAX -> from.equals(to) && from.kind() != Kind.JSON;
        };
    if (!fits) {
      throw new PlanException(
          Code.INVALID,
          aggregate.function().symbol() + " over " + from.sql() + " cannot yield " + to.sql());
    }
    if (aggregate.function() == AggregateFunction.SUM && from.isFloating() && !floatingSumAllowed) {
      throw new PlanException(
          Code.INVALID,
          "a sum of "
              + from.sql()
              + " depends on the order of rows; the request must allow it explicitly");
    }
  }

  private static boolean sumFits(DataType from, DataType to) {
    if (from.isInteger()) {
      return to.kind() == Kind.BIGINT;
    }
    if (from instanceof DataType.Decimal argument && to instanceof DataType.Decimal partial) {
      return argument.scale() == partial.scale() && argument.precision() <= partial.precision();
    }
    return from.isFloating() && to.kind() == Kind.DOUBLE;
  }

  private void checkTopN(PlanNode.TopN topN, List<DataType> input) {
    if (topN.keys().isEmpty()) {
      throw new PlanException(Code.INVALID, "a top-n needs at least one key");
    }
    if (topN.count() < 0 || topN.count() > TOP_N_ROWS_MAX) {
      throw new PlanException(
          Code.TOO_LARGE, "a top-n keeps 0 to " + TOP_N_ROWS_MAX + " rows, not " + topN.count());
    }
    topN.keys().forEach(key -> expressions.check(key.expression(), input));
  }
}
