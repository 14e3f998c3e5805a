package io.arrowraft.coprocessor.plan;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A step of a plan. Each has one input, down to the scan of one table. */
public sealed interface PlanNode {

  /** The node that this one reads from; empty for a scan. */
  Optional<PlanNode> inputNode();

  /**
   * The rows of a table in key order.
   *
   * @param columns what the scan yields, in this order; may be empty (to count rows)
   * @param descending from the last key to the first
   */
  record TableScan(long tableId, List<ScanColumn> columns, boolean descending) implements PlanNode {
    public TableScan {
      columns = List.copyOf(columns);
    }

    @Override
    public Optional<PlanNode> inputNode() {
      return Optional.empty();
    }
  }

  /** The rows for which every condition is true (neither false nor NULL). */
  record Selection(PlanNode input, List<Expression> conditions) implements PlanNode {
    public Selection {
      Objects.requireNonNull(input, "input");
      conditions = List.copyOf(conditions);
    }

    @Override
    public Optional<PlanNode> inputNode() {
      return Optional.of(input);
    }
  }

  /** For each row the values of the expressions. */
  record Projection(PlanNode input, List<Expression> expressions) implements PlanNode {
    public Projection {
      Objects.requireNonNull(input, "input");
      expressions = List.copyOf(expressions);
    }

    @Override
    public Optional<PlanNode> inputNode() {
      return Optional.of(input);
    }
  }

  /**
   * Groups rows and yields, for each group, the group keys followed by the aggregates. A group may
   * come more than once, with parts that add up: see {@link AggregateFunction#SUM}. Without group
   * keys there is always at least one row, even over no input.
   */
  record PartialAggregation(
      PlanNode input, List<Expression> groupBy, List<AggregateCall> aggregates)
      implements PlanNode {
    public PartialAggregation {
      Objects.requireNonNull(input, "input");
      groupBy = List.copyOf(groupBy);
      aggregates = List.copyOf(aggregates);
    }

    @Override
    public Optional<PlanNode> inputNode() {
      return Optional.of(input);
    }
  }

  /** The first {@code count} rows in the order of the keys; ties in any order. */
  record TopN(PlanNode input, List<SortKey> keys, int count) implements PlanNode {
    public TopN {
      Objects.requireNonNull(input, "input");
      keys = List.copyOf(keys);
    }

    @Override
    public Optional<PlanNode> inputNode() {
      return Optional.of(input);
    }
  }

  /** The first {@code count} rows that come. */
  record Limit(PlanNode input, long count) implements PlanNode {
    public Limit {
      Objects.requireNonNull(input, "input");
    }

    @Override
    public Optional<PlanNode> inputNode() {
      return Optional.of(input);
    }
  }
}
