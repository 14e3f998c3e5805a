package io.arrowraft.server.coprocessor;

import io.arrowraft.coprocessor.plan.PlanNode;
import java.util.Optional;

/**
 * What a plan does, for the counters.
 *
 * @param aggregates whether rows are aggregated here
 * @param selects whether rows are filtered here
 */
record PlanShape(boolean aggregates, boolean selects) {
  static PlanShape of(PlanNode plan) {
    boolean aggregates = false;
    boolean selects = false;
    Optional<PlanNode> node = Optional.of(plan);
    while (node.isPresent()) {
      aggregates |= node.get() instanceof PlanNode.PartialAggregation;
      selects |= node.get() instanceof PlanNode.Selection;
      node = node.get().inputNode();
    }
    return new PlanShape(aggregates, selects);
  }
}
