package io.arrowraft.coprocessor.plan;

import java.util.Objects;

/** One key of a {@link PlanNode.TopN}. */
public record SortKey(Expression expression, boolean descending, boolean nullsFirst) {
  public SortKey {
    Objects.requireNonNull(expression, "expression");
  }
}
