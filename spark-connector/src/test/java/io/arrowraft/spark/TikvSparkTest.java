package io.arrowraft.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.holdenkarau.spark.testing.JavaDataFrameSuiteBase;
import io.arrowraft.spark.read.ReadTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.datasources.v2.BatchScanExec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.jdk.javaapi.CollectionConverters;

class TikvSparkTest extends JavaDataFrameSuiteBase {
  private static final String PRICING =
      """
      SELECT flag, sum(quantity), sum(price), sum(price * (1 - discount)),
        sum(price * (1 - discount) * (1 + tax)), avg(quantity), avg(discount), count(*),
        count(pieces), min(shipped), max(price), sum(pieces)
      FROM shop.shop.lines WHERE shipped <= DATE '1996-03-01' GROUP BY flag ORDER BY flag
      """;
  private static final String REVENUE =
      """
      SELECT sum(price * discount) FROM shop.shop.lines
      WHERE shipped >= DATE '1994-01-01' AND shipped < DATE '1995-01-01'
        AND discount BETWEEN 0.05 AND 0.07 AND quantity < 24
      """;

  private FakeCluster cluster;

  @Override
  public boolean enableHiveSupport() {
    return false;
  }

  @BeforeEach
  void open() {
    runBefore();
    cluster = FakeCluster.at("fake:2379");
    Shop.open(cluster);
    cluster.tasks.clear();
    spark().conf().set("spark.sql.catalog.shop.pd.addresses", "fake:2379");
    spark().conf().set("spark.sql.catalog.shop", FakeCatalog.class.getName());
    spark().conf().set("spark.sql.shuffle.partitions", "1");
    spark().conf().set("spark.sql.ansi.enabled", "true");
    codegen(true);
    pushDown(true);
  }

  @AfterAll
  static void stop() {
    runAfterClass();
  }

  private void codegen(boolean enabled) {
    spark().conf().set("spark.sql.codegen.wholeStage", Boolean.toString(enabled));
    spark().conf().set("spark.sql.codegen.factoryMode", enabled ? "FALLBACK" : "NO_CODEGEN");
  }

  private void pushDown(boolean enabled) {
    for (String what : List.of("filters", "aggregates", "limit")) {
      spark().conf().set("spark.sql.catalog.shop.pushdown." + what, Boolean.toString(enabled));
    }
    // A catalog reads its options when it is made.
    spark().sessionState().catalogManager().reset();
  }

  private BatchScanExec scanOf(Dataset<Row> query) {
    return scansOf(query.queryExecution().executedPlan()).get(0);
  }

  private static List<BatchScanExec> scansOf(SparkPlan plan) {
    List<BatchScanExec> scans = new ArrayList<>();
    if (plan instanceof BatchScanExec scan) {
      scans.add(scan);
    }
    if (plan instanceof org.apache.spark.sql.execution.adaptive.AdaptiveSparkPlanExec adaptive) {
      scans.addAll(scansOf(adaptive.executedPlan()));
    }
    if (plan instanceof org.apache.spark.sql.execution.adaptive.QueryStageExec stage) {
      scans.addAll(scansOf(stage.plan()));
    }
    for (SparkPlan child : CollectionConverters.asJava(plan.children())) {
      scans.addAll(scansOf(child));
    }
    return scans;
  }

  @ParameterizedTest
  @CsvSource({"true,Asia/Tokyo", "false,America/New_York"})
  void answersDoNotDependOnWhatIsPushedDown(String ansi, String zone) {
    // A hundred queries: compiling code for each would take most of the time.
    codegen(false);
    spark().conf().set("spark.sql.ansi.enabled", ansi);
    spark().conf().set("spark.sql.session.timeZone", zone);
    for (String query :
        List.of(
            PRICING,
            REVENUE,
            "SELECT count(*), count(quantity), min(flag), max(pieces) FROM shop.shop.lines",
            "SELECT count(*) FROM shop.shop.lines WHERE price < 0",
            "SELECT sum(price) FROM shop.shop.lines WHERE price < 0",
            "SELECT * FROM shop.shop.lines WHERE order_id = 7 OR pieces IS NULL",
            "SELECT line FROM shop.shop.lines WHERE flag NOT IN ('A', NULL)",
            "SELECT line, flag FROM shop.shop.lines WHERE NOT (flag <=> 'A') AND flag <> 'N'",
            "SELECT order_id FROM shop.shop.lines WHERE order_id BETWEEN 3 AND 5 AND line > 1",
            "SELECT sum(amount), avg(amount), count(amount) FROM shop.shop.large",
            "SELECT sum(CASE WHEN flag LIKE 'A%' THEN price ELSE 0 END) FROM shop.shop.lines",
            "SELECT name, count(*) FROM shop.shop.lines JOIN shop.shop.customers c"
                + " ON c.id = order_id WHERE name > 'customer 3' GROUP BY name",
            "SELECT line, pieces FROM shop.shop.lines"
                + " ORDER BY pieces NULLS LAST, price DESC, order_id, line LIMIT 70",
            "SELECT flag, count(*) n FROM shop.shop.lines GROUP BY flag ORDER BY n, flag LIMIT 2",
            "SELECT count(DISTINCT flag), stddev(price) FROM shop.shop.lines")) {
      pushDown(true);
      Dataset<Row> pushed = spark().sql(query);
      pushed.collectAsList();
      pushDown(false);
      assertDataFrameNoOrderEquals(spark().sql(query), pushed);
    }
  }

  @Test
  void pricingSummaryIsAggregatedInTheStores() {
    Dataset<Row> query = spark().sql(PRICING);
    query.collectAsList();
    BatchScanExec scan = scanOf(query);
    assertThat(scan.scan().description())
        .contains("pushed aggregates=[SUM(quantity)")
        .contains("columns=[quantity, price, discount, tax, flag, shipped, pieces]")
        .contains("(shipped <= DATE '1996-03-01')]")
        .contains("read timestamp=")
        .contains("regions=5");
    assertThat(query.queryExecution().toString()).contains("tikv shop.lines columns=");
    assertThat(metric(scan, "rowsScanned")).isEqualTo(400);
    assertThat(metric(scan, "rowsSent")).isLessThanOrEqualTo(4 * 5);
    assertThat(metric(scan, "regions")).isEqualTo(5);
    assertThat(metric(scan, "readTimestamp")).isEqualTo(cluster.tasks.get(0).timestamp());
  }

  @Test
  void revenueIsFilteredAndAggregatedInTheStores() {
    Dataset<Row> query = spark().sql(REVENUE);
    query.collectAsList();
    BatchScanExec scan = scanOf(query);
    assertThat(scan.scan().description()).contains("pushed aggregates=[SUM(price * discount)]");
    assertThat(metric(scan, "rowsSent")).isEqualTo(5);
    assertThat(query.queryExecution().optimizedPlan().toString()).doesNotContain("Filter");
  }

  private static long metric(BatchScanExec scan, String name) {
    return CollectionConverters.asJava(scan.metrics()).get(name).value();
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void partialSumsBeyondTheInputTypeLoseNothing(String ansi) {
    spark().conf().set("spark.sql.ansi.enabled", ansi);
    Row sums = spark().sql("SELECT sum(amount) FROM shop.shop.large").head();
    assertThat(sums.getDecimal(0)).isEqualByComparingTo("199999999999.80");
  }

  @Test
  void bigintSumsOverflowAsSparksOwnDo() {
    assertThat(spark().sql("SELECT sum(big) FROM shop.shop.large WHERE id < 2").head().getLong(0))
        .isZero();
    assertThatThrownBy(
            () -> spark().sql("SELECT sum(big) FROM shop.shop.large WHERE id % 2 = 0").collect())
        .hasMessageContaining("OVERFLOW");
    assertThat(
            spark()
                .sql("SELECT try_sum(big) FROM shop.shop.large WHERE id IN (0, 2)")
                .head()
                .isNullAt(0))
        .isTrue();
  }

  @Test
  void averagesOfLongsNeitherOverflowNorDifferFromSparksOwn() {
    String query = "SELECT avg(big), try_avg(big - 1) FROM shop.shop.large WHERE id IN (0, 2, 3)";
    Dataset<Row> pushed = spark().sql(query);
    List<Row> averages = pushed.collectAsList();
    assertThat(scanOf(pushed).scan().description()).contains("pushed aggregates=[]");
    pushDown(false);
    assertThat(spark().sql(query).collectAsList()).isEqualTo(averages);
    pushDown(true);
    Dataset<Row> ofIntegers = spark().sql("SELECT avg(pieces) FROM shop.shop.lines");
    ofIntegers.collectAsList();
    assertThat(scanOf(ofIntegers).scan().description()).contains("pushed aggregates=[SUM(");
  }

  @Test
  void allTablesAndSubqueriesOfAQueryReadOneTimestamp() {
    spark()
        .sql(
            """
            SELECT count(*) FROM shop.shop.lines l JOIN shop.shop.customers c ON l.order_id = c.id
            WHERE price > (SELECT avg(amount) / 1000000000 FROM shop.shop.large)
              AND order_id IN (SELECT id FROM shop.shop.customers WHERE name = 'customer 1')
            """)
        .collectAsList();
    assertThat(timestamps()).hasSize(1);
    assertThat(cluster.tasks.stream().map(task -> task.plan().length).distinct().count())
        .isGreaterThan(2);
  }

  @Test
  void datasetsLoadedApartReadOneTimestampOnceJoined() {
    Dataset<Row> lines = spark().table("shop.shop.lines");
    cluster.timestamp();
    Dataset<Row> customers = spark().table("shop.shop.customers");
    lines.join(customers, lines.col("order_id").equalTo(customers.col("id"))).count();
    assertThat(timestamps()).hasSize(1);
  }

  @Test
  void eachQueryReadsATimestampOfItsOwn() {
    Dataset<Row> lines = spark().table("shop.shop.lines");
    lines.count();
    lines.count();
    assertThat(timestamps()).hasSize(2);
  }

  @Test
  void cachedTablesAreFoundAgain() {
    Dataset<Row> customers = spark().table("shop.shop.customers").cache();
    try {
      customers.collectAsList();
      int before = cluster.tasks.size();
      assertThat(spark().table("shop.shop.customers").filter("id < 10").count()).isEqualTo(10);
      assertThat(cluster.tasks).hasSize(before);
    } finally {
      customers.unpersist();
    }
  }

  private TreeSet<Long> timestamps() {
    return cluster.tasks.stream()
        .map(ReadTask::timestamp)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void oldTimestampsCanBeReadAndFutureOnesCannot() {
    long old = cluster.timestamp();
    spark()
        .read()
        .format("tikv")
        .options(Map.of("timestamp", "" + old, "catalog", "shop", "table", "shop.lines"))
        .load()
        .count();
    spark().sql("SELECT count(*) FROM shop.shop.lines VERSION AS OF " + old).collectAsList();
    assertThat(timestamps()).containsExactly(old);
    assertThatThrownBy(
            () ->
                spark()
                    .sql("SELECT * FROM shop.shop.lines VERSION AS OF " + Long.MAX_VALUE)
                    .collectAsList())
        .hasMessageContaining("lies in the future");
  }

  @Test
  void smallSideOfAJoinIsBroadcast() {
    Dataset<Row> query =
        spark()
            .sql(
                "SELECT l.flag, c.name FROM shop.shop.lines l"
                    + " JOIN shop.shop.customers c ON l.order_id = c.id");
    assertThat(query.queryExecution().sparkPlan().toString()).contains("BroadcastHashJoin");
  }

  @Test
  void tasksPreferTheHostsOfTheirRegions() {
    Dataset<Row> query = spark().table("shop.shop.lines");
    BatchScanExec scan = scanOf(query);
    assertThat(CollectionConverters.asJava(scan.inputPartitions()))
        .hasSize(5)
        .allSatisfy(
            partition -> assertThat(partition.preferredLocations()).containsExactly("127.0.0.1"));
  }

  @Test
  void limitReachesTheStores() {
    Dataset<Row> query = spark().sql("SELECT order_id FROM shop.shop.lines LIMIT 3");
    assertThat(query.collectAsList()).hasSize(3);
    assertThat(scanOf(query).scan().description()).contains("pushed limit=3");
    Dataset<Row> first =
        spark().sql("SELECT line FROM shop.shop.lines ORDER BY price DESC, pieces LIMIT 3");
    assertThat(first.collectAsList()).hasSize(3);
    assertThat(scanOf(first).scan().description())
        .contains("pushed order=[price DESC NULLS LAST, pieces ASC NULLS FIRST], pushed limit=3");
    assertThat(metric(scanOf(first), "rowsSent")).isEqualTo(3 * 5);
  }

  @Test
  void catalogListsNamespacesAndTables() {
    assertThat(spark().sql("SHOW NAMESPACES IN shop").collectAsList().toString()).contains("shop");
    assertThat(
            spark().sql("SHOW TABLES IN shop.shop").collectAsList().stream()
                .map(row -> row.getString(1)))
        .containsExactlyInAnyOrder("lines", "customers", "large");
    assertThatThrownBy(() -> spark().sql("ALTER TABLE shop.shop.lines ADD COLUMN more INT"))
        .hasMessageContaining("does no ALTER TABLE");
  }

  @Test
  void tablesAreMadeAndDropped() {
    spark()
        .sql(
            "CREATE TABLE shop.shop.fresh (id BIGINT NOT NULL, amount DECIMAL(12,2), name STRING)"
                + " TBLPROPERTIES ('primary-key' = 'id')");
    assertThat(spark().table("shop.shop.fresh").schema().simpleString())
        .isEqualTo("struct<id:bigint,amount:decimal(12,2),name:string>");
    assertThat(spark().table("shop.shop.fresh").count()).isZero();
    spark().sql("DROP TABLE shop.shop.fresh");
    assertThatThrownBy(() -> spark().table("shop.shop.fresh")).hasMessageContaining("fresh");
    assertThatThrownBy(() -> spark().sql("CREATE TABLE shop.shop.nested (a ARRAY<INT>)"))
        .hasMessageContaining("no table has type ARRAY<INT>");
  }

  @Test
  void countOverNoRegionIsZero() {
    assertThat(
            spark()
                .sql("SELECT count(*), sum(id) FROM shop.shop.large WHERE id > 5 AND id < 6")
                .head()
                .mkString(","))
        .isEqualTo("0,null");
  }

  @Test
  void unknownTablesAndOptionsAreClearErrors() {
    assertThatThrownBy(() -> spark().table("shop.shop.nothing"))
        .isInstanceOf(AnalysisException.class)
        .hasMessageContaining("nothing");
    assertThatThrownBy(
            () ->
                spark()
                    .read()
                    .format("tikv")
                    .option("pd.addresses", "fake:2379")
                    .option("tables", "shop.lines")
                    .load())
        .hasMessageContaining("unknown option 'tables'");
    assertThatThrownBy(() -> spark().read().format("tikv").option("table", "shop.lines").load())
        .hasMessageContaining("'pd.addresses' is missing");
  }
}
