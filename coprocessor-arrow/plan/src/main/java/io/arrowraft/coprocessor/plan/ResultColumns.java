package io.arrowraft.coprocessor.plan;

import io.arrowraft.table.DataType;
import java.util.ArrayList;
import java.util.List;

/** The types of the columns that a plan yields, known from the plan alone. */
public final class ResultColumns {
  private ResultColumns() {}

  /** The types of the columns of {@code plan}'s rows, in order. */
  public static List<DataType> of(PlanNode plan) {
    List<DataType> types = new ArrayList<>();
    if (plan instanceof PlanNode.TableScan scan) {
      scan.columns().forEach(column -> types.add(column.type()));
    } else if (plan instanceof PlanNode.Projection projection) {
      projection.expressions().forEach(expression -> types.add(expression.type()));
    } else if (plan instanceof PlanNode.PartialAggregation aggregation) {
      aggregation.groupBy().forEach(expression -> types.add(expression.type()));
      aggregation.aggregates().forEach(aggregate -> types.add(aggregate.type()));
    } else {
      return of(plan.inputNode().orElseThrow());
    }
    return List.copyOf(types);
  }

  /** The name that the Arrow schema gives column {@code index} of a result. */
  public static String nameOf(int index) {
    return "c" + index;
  }
}
