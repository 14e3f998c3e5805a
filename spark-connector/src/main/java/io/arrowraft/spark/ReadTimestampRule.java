package io.arrowraft.spark;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2Relation;
import scala.runtime.AbstractPartialFunction;

/**
 * Gives all relations of a plan that lie in one cluster one read timestamp, those in subqueries
 * too. A plan that was stamped for an earlier query gets a new stamp.
 */
final class ReadTimestampRule extends Rule<LogicalPlan> {
  @Override
  public LogicalPlan apply(LogicalPlan plan) {
    return plan.transformDownWithSubqueries(new Stamp());
  }

  private static final class Stamp extends AbstractPartialFunction<LogicalPlan, LogicalPlan> {
    /** One for each cluster; there are seldom two. */
    private final List<ClusterTimestamp> timestamps = new ArrayList<>();

    private record ClusterTimestamp(TikvCluster cluster, QueryTimestamp timestamp) {}

    @Override
    public boolean isDefinedAt(LogicalPlan plan) {
      return plan instanceof DataSourceV2Relation relation && relation.table() instanceof TikvTable;
    }

    @Override
    public <A1 extends LogicalPlan, B1> B1 applyOrElse(A1 plan, scala.Function1<A1, B1> otherwise) {
      if (!isDefinedAt(plan)) {
        return otherwise.apply(plan);
      }
      DataSourceV2Relation relation = (DataSourceV2Relation) (LogicalPlan) plan;
      TikvTable table = (TikvTable) relation.table();
      LogicalPlan stamped =
          relation.copy(
              relation.table(),
              relation.output(),
              relation.catalog(),
              relation.identifier(),
              new StampedOptions(relation.options(), timestampOf(table.cluster())),
              relation.timeTravelSpec());
      @SuppressWarnings("unchecked") // B1 is a supertype of LogicalPlan by PartialFunction's bounds
      B1 result = (B1) stamped;
      return result;
    }

    private QueryTimestamp timestampOf(TikvCluster cluster) {
      for (ClusterTimestamp known : timestamps) {
        if (known.cluster().address().equals(cluster.address())) {
          return known.timestamp();
        }
      }
      QueryTimestamp timestamp = QueryTimestamp.fresh(cluster);
      timestamps.add(new ClusterTimestamp(cluster, timestamp));
      return timestamp;
    }
  }
}
