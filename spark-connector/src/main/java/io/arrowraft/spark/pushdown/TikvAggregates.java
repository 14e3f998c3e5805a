package io.arrowraft.spark.pushdown;

import io.arrowraft.coprocessor.plan.AggregateCall;
import io.arrowraft.coprocessor.plan.AggregateFunction;
import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.table.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.connector.expressions.aggregate.AggregateFunc;
import org.apache.spark.sql.connector.expressions.aggregate.Aggregation;
import org.apache.spark.sql.connector.expressions.aggregate.Count;
import org.apache.spark.sql.connector.expressions.aggregate.CountStar;
import org.apache.spark.sql.connector.expressions.aggregate.Max;
import org.apache.spark.sql.connector.expressions.aggregate.Min;
import org.apache.spark.sql.connector.expressions.aggregate.Sum;
import org.apache.spark.sql.types.StructType;

/**
 * An aggregation that stores compute in parts.
 *
 * <p>A partial sum has exactly the type of what is summed (BIGINT for integers): Spark casts it to
 * that type before its final sum, and a part that did not fit would be an error under ANSI and
 * would be lost without. Stores send a group in as many rows as fit that type.
 *
 * @param groupBy expressions over the table's columns
 * @param aggregates over the table's columns
 * @param text the aggregation as EXPLAIN shows it
 */
public record TikvAggregates(
    List<Expression> groupBy, List<AggregateCall> aggregates, String text) {
  public TikvAggregates {
    groupBy = List.copyOf(groupBy);
    aggregates = List.copyOf(aggregates);
  }

  /**
   * The aggregation, or empty if Spark must do it.
   *
   * @param floatingSumAllowed whether the user accepts sums of floating-point numbers whose last
   *     bits depend on the order of rows
   */
  public static Optional<TikvAggregates> of(
      Aggregation aggregation, TikvExpressions expressions, boolean floatingSumAllowed) {
    List<Expression> groupBy = new ArrayList<>();
    for (org.apache.spark.sql.connector.expressions.Expression key :
        aggregation.groupByExpressions()) {
      Optional<Expression> translated =
          expressions.translate(key).filter(expression -> isGroupKey(expression.type()));
      if (translated.isEmpty()) {
        return Optional.empty();
      }
      groupBy.add(translated.get());
    }
    List<AggregateCall> calls = new ArrayList<>();
    for (AggregateFunc function : aggregation.aggregateExpressions()) {
      Optional<AggregateCall> call = call(function, expressions, floatingSumAllowed);
      if (call.isEmpty()) {
        return Optional.empty();
      }
      calls.add(call.get());
    }
    if (mayAverageLongs(calls)) {
      return Optional.empty();
    }
    return Optional.of(new TikvAggregates(groupBy, calls, describe(aggregation)));
  }

  /**
   * Spark asks for AVG as SUM and COUNT of one argument. Its own average of longs sums doubles,
   * which round and never overflow; a sum of longs does neither, so such a pair is not the same.
   */
  private static boolean mayAverageLongs(List<AggregateCall> calls) {
    return calls.stream()
        .filter(call -> call.function() == AggregateFunction.SUM)
        .map(call -> call.argument().orElseThrow())
        .filter(argument -> argument.type().kind() == DataType.Kind.BIGINT)
        .anyMatch(argument -> calls.contains(AggregateCall.count(argument)));
  }

  private static String describe(Aggregation aggregation) {
    String functions = Arrays.toString(aggregation.aggregateExpressions());
    return aggregation.groupByExpressions().length == 0
        ? functions
        : functions + " group by " + Arrays.toString(aggregation.groupByExpressions());
  }

  /** Floating-point keys would need one form for each of NaN and zero. */
  private static boolean isGroupKey(DataType type) {
    return !type.isFloating() && type.kind() != DataType.Kind.JSON;
  }

  private static Optional<AggregateCall> call(
      AggregateFunc function, TikvExpressions expressions, boolean floatingSumAllowed) {
    if (function instanceof CountStar) {
      return Optional.of(AggregateCall.countAll());
    }
    if (function instanceof Count count && !count.isDistinct()) {
      return expressions.translate(count.column()).map(AggregateCall::count);
    }
    if (function instanceof Sum sum && !sum.isDistinct()) {
      return expressions
          .translate(sum.column())
          .filter(argument -> argument.type().isNumeric())
          .filter(argument -> floatingSumAllowed || !argument.type().isFloating())
          .map(AggregateCall::sum);
    }
    if (function instanceof Min min) {
      return expressions
          .translate(min.column())
          .filter(argument -> isOrdered(argument.type()))
          .map(AggregateCall::min);
    }
    if (function instanceof Max max) {
      return expressions
          .translate(max.column())
          .filter(argument -> isOrdered(argument.type()))
          .map(AggregateCall::max);
    }
    return Optional.empty();
  }

  private static boolean isOrdered(DataType type) {
    return switch (type.kind()) {
      case BOOLEAN, BINARY, JSON -> false;
      default -> true;
    };
  }

  /** What Spark reads: the group keys, then the partial aggregates. */
  public StructType readSchema() {
    StructType result = new StructType();
    for (int i = 0; i < groupBy.size(); i++) {
      result = result.add("group_col_" + i, SparkTypes.toSpark(groupBy.get(i).type()), true);
    }
    for (int i = 0; i < aggregates.size(); i++) {
      result = result.add("agg_func_" + i, SparkTypes.toSpark(aggregates.get(i).type()), true);
    }
    return result;
  }
}
