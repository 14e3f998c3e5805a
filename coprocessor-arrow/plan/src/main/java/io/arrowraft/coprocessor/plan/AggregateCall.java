package io.arrowraft.coprocessor.plan;

import io.arrowraft.table.DataType;
import java.util.Objects;
import java.util.Optional;

/**
 * One aggregate of a {@link PlanNode.PartialAggregation}.
 *
 * @param argument empty for COUNT(*) alone
 * @param type of each partial result: BIGINT for counts and integer sums; for a decimal sum the
 *     scale of the argument and at least its precision; for MIN and MAX the argument's type
 */
public record AggregateCall(
    AggregateFunction function, Optional<Expression> argument, DataType type) {
  public AggregateCall {
    Objects.requireNonNull(function, "function");
    Objects.requireNonNull(argument, "argument");
    Objects.requireNonNull(type, "type");
  }

  public static AggregateCall countAll() {
    return new AggregateCall(AggregateFunction.COUNT_ALL, Optional.empty(), DataType.BIGINT);
  }

  public static AggregateCall count(Expression argument) {
    return new AggregateCall(AggregateFunction.COUNT, Optional.of(argument), DataType.BIGINT);
  }

  /** A sum whose partial type is the argument's own, widened to BIGINT or DOUBLE where shorter. */
  public static AggregateCall sum(Expression argument) {
    DataType type = argument.type();
    if (type.isInteger()) {
      type = DataType.BIGINT;
    } else if (type.isFloating()) {
      type = DataType.DOUBLE;
    }
    return new AggregateCall(AggregateFunction.SUM, Optional.of(argument), type);
  }

  public static AggregateCall min(Expression argument) {
    return new AggregateCall(AggregateFunction.MIN, Optional.of(argument), argument.type());
  }

  public static AggregateCall max(Expression argument) {
    return new AggregateCall(AggregateFunction.MAX, Optional.of(argument), argument.type());
  }
}
