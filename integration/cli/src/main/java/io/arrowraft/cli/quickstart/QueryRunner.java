package io.arrowraft.cli.quickstart;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.trees.TreeNode;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.adaptive.AdaptiveSparkPlanExec;
import org.apache.spark.sql.execution.adaptive.QueryStageExec;
import org.apache.spark.sql.execution.datasources.v2.BatchScanExec;
import org.apache.spark.sql.execution.metric.SQLMetric;
import scala.jdk.javaapi.CollectionConverters;

/** Runs queries through Spark and looks afterwards at what their plans really did. */
final class QueryRunner {
  private final SparkSession spark;

  QueryRunner(SparkSession spark) {
    this.spark = spark;
  }

  QueryRun run(String sql) {
    return run(sql, () -> {});
  }

  /** As above; {@code beforeReading} happens after the plan, with its regions, is settled. */
  QueryRun run(String sql, Runnable beforeReading) {
    long start = System.nanoTime();
    Dataset<Row> query = spark.sql(sql);
    forEachScan(query.queryExecution().executedPlan(), scan -> scan.scan().description());
    beforeReading.run();
    List<Row> rows = query.collectAsList();
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    List<QueryRun.ScanReport> scans = new ArrayList<>();
    forEachScan(query.queryExecution().executedPlan(), scan -> scans.add(report(scan)));
    return new QueryRun(rows, scans, took);
  }

  private static QueryRun.ScanReport report(BatchScanExec scan) {
    return new QueryRun.ScanReport(
        scan.scan().description(),
        metric(scan, "readTimestamp"),
        metric(scan, "regions"),
        metric(scan, "rowsScanned"),
        metric(scan, "rowsSent"));
  }

  private static long metric(BatchScanExec scan, String name) {
    SQLMetric metric = CollectionConverters.asJava(scan.metrics()).get(name);
    if (metric == null) {
      throw new IllegalStateException("scan without the metric " + name + ": " + scan);
    }
    return metric.value();
  }

  private static void forEachScan(SparkPlan plan, Consumer<BatchScanExec> action) {
    if (plan instanceof AdaptiveSparkPlanExec adaptive) {
      forEachScan(adaptive.executedPlan(), action);
    } else if (plan instanceof QueryStageExec stage) {
      forEachScan(stage.plan(), action);
    } else if (plan instanceof BatchScanExec scan) {
      action.accept(scan);
    } else {
      CollectionConverters.asJava(plan.children()).forEach(child -> forEachScan(child, action));
    }
    for (TreeNode<?> inner : CollectionConverters.asJava(plan.subqueries())) {
      forEachScan((SparkPlan) inner, action);
    }
  }
}
