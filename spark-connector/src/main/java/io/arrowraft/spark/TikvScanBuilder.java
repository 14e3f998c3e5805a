package io.arrowraft.spark;

import io.arrowraft.coprocessor.plan.PlanException;
import io.arrowraft.coprocessor.plan.PlanValidator;
import io.arrowraft.spark.pushdown.TikvAggregates;
import io.arrowraft.spark.pushdown.TikvExpressions;
import io.arrowraft.spark.pushdown.TikvFilters;
import io.arrowraft.spark.pushdown.TikvOrder;
import io.arrowraft.table.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.apache.spark.sql.connector.expressions.SortOrder;
import org.apache.spark.sql.connector.expressions.aggregate.Aggregation;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.SupportsPushDownAggregates;
import org.apache.spark.sql.connector.read.SupportsPushDownLimit;
import org.apache.spark.sql.connector.read.SupportsPushDownRequiredColumns;
import org.apache.spark.sql.connector.read.SupportsPushDownTopN;
import org.apache.spark.sql.connector.read.SupportsPushDownV2Filters;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gathers what Spark pushes down, in Spark's order: filters, aggregates, limit, columns. */
final class TikvScanBuilder
    implements SupportsPushDownRequiredColumns,
        SupportsPushDownV2Filters,
        SupportsPushDownAggregates,
        SupportsPushDownLimit,
        SupportsPushDownTopN {
  private static final Logger LOG = LoggerFactory.getLogger(TikvScanBuilder.class);

  private final TikvCluster cluster;
  private final TableSchema schema;
  private final TikvReadOptions options;
  private final QueryTimestamp timestamp;
  private final PlanningSession session = PlanningSession.current();
  private final TikvExpressions expressions;

  private List<Integer> outputs;
  private TikvFilters filters = TikvFilters.none();
  private Optional<TikvAggregates> aggregates = Optional.empty();
  private TikvOrder order = TikvOrder.NONE;
  private OptionalInt limit = OptionalInt.empty();

  TikvScanBuilder(
      TikvCluster cluster, TableSchema schema, TikvReadOptions options, QueryTimestamp timestamp) {
    this.cluster = cluster;
    this.schema = schema;
    this.options = options;
    this.timestamp = timestamp;
    this.expressions = new TikvExpressions(schema, session.allowPrecisionLoss());
    this.outputs = IntStream.range(0, schema.columns().size()).boxed().toList();
  }

  @Override
  public Predicate[] pushPredicates(Predicate[] predicates) {
    if (!options.pushFilters()) {
      return predicates;
    }
    filters = TikvFilters.of(predicates, expressions);
    if (!fitsOnePlan()) {
      filters = TikvFilters.none();
      return predicates;
    }
    return filters.residual().toArray(Predicate[]::new);
  }

  @Override
  public Predicate[] pushedPredicates() {
    return filters.pushedPredicates();
  }

  @Override
  public boolean supportCompletePushDown(Aggregation aggregation) {
    // A group may lie in several regions.
    return false;
  }

  @Override
  public boolean pushAggregation(Aggregation aggregation) {
    if (!options.pushAggregates() || !filters.residual().isEmpty()) {
      return false;
    }
    aggregates = TikvAggregates.of(aggregation, expressions, options.floatingSum());
    if (!fitsOnePlan()) {
      aggregates = Optional.empty();
    }
    return aggregates.isPresent();
  }

  /** Whether what is pushed keeps to the bounds of a plan; long lists may not. */
  private boolean fitsOnePlan() {
    try {
      PlanValidator.validate(spec().request());
      return true;
    } catch (PlanException refused) {
      if (refused.code() == PlanException.Code.TOO_LARGE) {
        LOG.info(
            "push-down is too large for a plan: table={}, reason={}",
            schema.tableName(),
            refused.getMessage());
        return false;
      }
      throw refused;
    }
  }

  @Override
  public boolean pushLimit(int rows) {
    // After an aggregation the limit counts groups, which are complete only in Spark.
    if (!options.pushLimit() || aggregates.isPresent() || !filters.residual().isEmpty()) {
      return false;
    }
    limit = OptionalInt.of(rows);
    return true;
  }

  @Override
  public boolean pushTopN(SortOrder[] orders, int rows) {
    if (!options.pushLimit()
        || aggregates.isPresent()
        || !filters.residual().isEmpty()
        || rows > PlanValidator.TOP_N_ROWS_MAX) {
      return false;
    }
    Optional<TikvOrder> translated = TikvOrder.of(orders, expressions);
    translated.ifPresent(
        given -> {
          order = given;
          limit = OptionalInt.of(rows);
        });
    return translated.isPresent();
  }

  /** Each region sends its own first rows. */
  @Override
  public boolean isPartiallyPushed() {
    return true;
  }

  @Override
  public void pruneColumns(StructType required) {
    List<Integer> positions = new ArrayList<>();
    for (String name : required.fieldNames()) {
      positions.add(
          schema
              .column(name)
              .map(column -> schema.indexOf(column.id()))
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "table " + schema.tableName() + " has no column " + name)));
    }
    outputs = positions;
  }

  @Override
  public Scan build() {
    return new TikvScan(cluster, spec(), timestamp);
  }

  private ScanSpec spec() {
    return new ScanSpec(schema, outputs, filters, aggregates, order, limit, options, session);
  }
}
