package io.arrowraft.spark;

import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.PlanPrinter;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.spark.pushdown.ScanPlan;
import io.arrowraft.spark.pushdown.SparkTypes;
import io.arrowraft.spark.pushdown.TikvAggregates;
import io.arrowraft.spark.pushdown.TikvFilters;
import io.arrowraft.spark.pushdown.TikvKeyRanges;
import io.arrowraft.spark.pushdown.TikvOrder;
import io.arrowraft.table.Column;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableSchema;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.spark.sql.types.StructType;

/**
 * What a scan reads, as a value.
 *
 * @param outputs positions in the table of the columns that Spark wants; unused with aggregates
 * @param order in which the limit counts, if any
 * @param limit rows that each region needs to send at most
 */
record ScanSpec(
    TableSchema schema,
    List<Integer> outputs,
    TikvFilters filters,
    Optional<TikvAggregates> aggregates,
    TikvOrder order,
    OptionalInt limit,
    TikvReadOptions options,
    PlanningSession session) {
  ScanSpec {
    outputs = List.copyOf(outputs);
  }

  StructType readSchema() {
    if (aggregates.isPresent()) {
      return aggregates.get().readSchema();
    }
    StructType result = new StructType();
    for (int position : outputs) {
      result = result.add(SparkTypes.field(schema.columns().get(position)));
    }
    return result;
  }

  PlanRequest request() {
    PlanNode plan =
        aggregates.isPresent()
            ? ScanPlan.aggregation(schema, aggregates.get(), filters.conditions())
            : ScanPlan.columns(schema, outputs, filters.conditions(), order, limit);
    return PlanRequest.of(plan)
        .withBatchRowsMax(options.batchRows())
        .withSessionTimeZone(session.timeZone())
        .withAnsi(session.ansi())
        .withFloatingSumAllowed(options.floatingSum());
  }

  List<KeyRange> ranges() {
    List<KeyRange> ranges = TikvKeyRanges.of(schema, filters.conditions());
    if (ranges.isEmpty() && aggregates.filter(each -> each.groupBy().isEmpty()).isPresent()) {
      // A count over no rows is 0, and only a store can say so: Spark makes NULL of no answers.
      return List.of(KeyRange.point(TableKeys.rowPrefix(schema.tableId())));
    }
    return ranges;
  }

  /** The columns that stores read, for whatever purpose. */
  private List<String> scannedColumns() {
    PlanNode node = request().plan();
    while (node.inputNode().isPresent()) {
      node = node.inputNode().get();
    }
    return ((PlanNode.TableScan) node)
        .columns().stream()
            .map(column -> schema.columnById(column.columnId()).orElseThrow().name())
            .toList();
  }

  /** The scan in one line, for EXPLAIN. */
  String describe() {
    StringBuilder text = new StringBuilder("tikv ").append(schema.tableName());
    List<String> names = schema.columns().stream().map(Column::name).toList();
    text.append(" columns=").append(scannedColumns());
    text.append(", pushed filters=")
        .append(
            filters.conditions().stream()
                .map(condition -> PlanPrinter.print(condition, names))
                .toList());
    text.append(", pushed aggregates=").append(aggregates.map(TikvAggregates::text).orElse("[]"));
    if (!order.keys().isEmpty()) {
      text.append(", pushed order=").append(order.text());
    }
    limit.ifPresent(rows -> text.append(", pushed limit=").append(rows));
    return text.toString();
  }
}
