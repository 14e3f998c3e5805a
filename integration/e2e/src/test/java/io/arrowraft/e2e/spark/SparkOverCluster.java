package io.arrowraft.e2e.spark;

import com.holdenkarau.spark.testing.JavaDataFrameSuiteBase;
import io.arrowraft.e2e.RunningCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.adaptive.AdaptiveSparkPlanExec;
import org.apache.spark.sql.execution.adaptive.QueryStageExec;
import org.apache.spark.sql.execution.datasources.v2.BatchScanExec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import scala.jdk.javaapi.CollectionConverters;

/** A Spark session beside a cluster that holds the test tables. */
@ExtendWith(RunningCluster.Resolver.class)
abstract class SparkOverCluster extends JavaDataFrameSuiteBase {
  static final Map<String, String> PUSH_NOTHING =
      Map.of(
          "pushdown.filters", "false", "pushdown.aggregates", "false", "pushdown.limit", "false");

  static final List<TestTable> TABLES =
      Stream.concat(Tpch.tables().stream(), EdgeCases.tables().stream()).toList();

  private RunningCluster cluster;

  @Override
  public boolean enableHiveSupport() {
    return false;
  }

  @BeforeEach
  void openSession(RunningCluster running) {
    cluster = running;
    loadTables(cluster);
    runBefore();
    set("spark.sql.shuffle.partitions", "2");
    set("spark.sql.ansi.enabled", "true");
    set("spark.sql.session.timeZone", "UTC");
    set("spark.sql.adaptive.enabled", "true");
    set("spark.sql.codegen.wholeStage", "true");
    set("spark.sql.codegen.factoryMode", "FALLBACK");
    set("spark.sql.decimalOperations.allowPrecisionLoss", "true");
    set("spark.sql.datetime.java8API.enabled", "true");
  }

  static void loadTables(RunningCluster cluster) {
    cluster.prepareOnce("test tables", () -> TABLES.forEach(table -> table.load(cluster.client())));
  }

  RunningCluster cluster() {
    return cluster;
  }

  void set(String option, String value) {
    spark().conf().set(option, value);
  }

  /** Queries of many kinds, each asked seldom: compiling code for them takes most of the time. */
  void compileNothing() {
    set("spark.sql.codegen.wholeStage", "false");
    set("spark.sql.codegen.factoryMode", "NO_CODEGEN");
  }

  /** A table with no options but where it is and those given. */
  Dataset<Row> read(String table, Map<String, String> options) {
    return spark()
        .read()
        .format("tikv")
        .option("pd.addresses", cluster.pdAddress())
        .option("table", table)
        .options(options)
        .load();
  }

  /** Lets queries find each table by its bare name in {@code source}. */
  void viewsOf(Function<TestTable, Dataset<Row>> source) {
    TABLES.forEach(table -> source.apply(table).createOrReplaceTempView(table.view()));
  }

  void viewsOfCluster(Map<String, String> options) {
    viewsOf(table -> read(table.name(), options));
  }

  void viewsOfMemory() {
    viewsOf(table -> table.local(spark(), read(table.name(), Map.of()).schema()));
  }

  /** Every scan of an executed query, in the plan's order, those of subqueries too. */
  static List<BatchScanExec> scansOf(Dataset<Row> query) {
    List<BatchScanExec> scans = new ArrayList<>();
    addScans(query.queryExecution().executedPlan(), scans);
    return scans;
  }

  private static void addScans(SparkPlan plan, List<BatchScanExec> scans) {
    if (plan instanceof BatchScanExec scan) {
      scans.add(scan);
    }
    if (plan instanceof AdaptiveSparkPlanExec adaptive) {
      addScans(adaptive.executedPlan(), scans);
    }
    if (plan instanceof QueryStageExec stage) {
      addScans(stage.plan(), scans);
    }
    CollectionConverters.asJava(plan.children()).forEach(child -> addScans(child, scans));
    CollectionConverters.asJava(plan.subqueries()).forEach(inner -> addScans(inner, scans));
  }

  static BatchScanExec scanOf(Dataset<Row> query, String table) {
    return scansOf(query).stream()
        .filter(scan -> scan.table().name().equals(table))
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("no scan of " + table + " in " + scansOf(query)));
  }

  static long metric(BatchScanExec scan, String name) {
    return CollectionConverters.asJava(scan.metrics()).get(name).value();
  }
}
