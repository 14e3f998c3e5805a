package io.arrowraft.e2e.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.server.coprocessor.CoprocessorCounters;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.datasources.v2.BatchScanExec;
import org.apache.spark.sql.execution.exchange.BroadcastExchangeExec;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

/** What of a query runs in the stores, and what a user is told about it and about mistakes. */
class SparkPlansTest extends SparkOverCluster {
  private static final int LINEITEM_REGIONS = 4;
  private static final int Q1_GROUPS = 4;

  @Test
  void theJarInUseIsTheShadedOne() throws Exception {
    assertThat(
            Class.forName("io.arrowraft.spark.TikvCatalog")
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath())
        .endsWith("-shaded.jar");
    // The plain client and the connector's own lie side by side.
    assertThat(Class.forName("io.arrowraft.spark.shaded.client.ArrowraftClient"))
        .isNotEqualTo(io.arrowraft.client.ArrowraftClient.class);
  }

  @Test
  void onlyTheColumnsThatAQueryNeedsAreRead() {
    viewsOfCluster(Map.of());
    Dataset<Row> query = spark().sql("SELECT l_comment FROM lineitem WHERE l_orderkey < 10");
    assertThat(query.collectAsList()).isNotEmpty();
    assertThat(scanOf(query, "tpch.lineitem").scan().readSchema().fieldNames())
        .containsExactly("l_comment");
    Dataset<Row> count = spark().sql("SELECT count(*) FROM lineitem");
    assertThat(count.head().getLong(0)).isEqualTo(rowsOf("lineitem"));
  }

  @Test
  void filtersRunInTheStores() {
    viewsOfCluster(Map.of());
    CoprocessorCounters.Values before = cluster().coprocessorCounters();
    Dataset<Row> query = spark().sql("SELECT l_orderkey FROM lineitem WHERE l_quantity = 50");
    int found = query.collectAsList().size();
    BatchScanExec scan = scanOf(query, "tpch.lineitem");
    assertThat(metric(scan, "rowsScanned")).isEqualTo(rowsOf("lineitem"));
    assertThat(metric(scan, "rowsSent")).isEqualTo(found).isLessThan(rowsOf("lineitem") / 10);
    CoprocessorCounters.Values after = cluster().coprocessorCounters();
    assertThat(after.selectionPlans()).isGreaterThan(before.selectionPlans());
    assertThat(after.rowsReturned() - before.rowsReturned()).isEqualTo(found);
  }

  @Test
  void pricingSummaryIsAggregatedInTheStores() {
    viewsOfCluster(Map.of());
    CoprocessorCounters.Values before = cluster().coprocessorCounters();
    Dataset<Row> query = spark().sql(Tpch.Q1);
    assertThat(query.collectAsList()).hasSize(Q1_GROUPS);
    BatchScanExec scan = scanOf(query, "tpch.lineitem");
    long regions = metric(scan, "regions");
    assertThat(regions).isGreaterThanOrEqualTo(LINEITEM_REGIONS);
    assertThat(metric(scan, "rowsSent")).isLessThanOrEqualTo(Q1_GROUPS * regions);
    CoprocessorCounters.Values after = cluster().coprocessorCounters();
    assertThat(after.aggregationPlans() - before.aggregationPlans())
        .isGreaterThanOrEqualTo(LINEITEM_REGIONS);
    assertThat(after.rowsReturned() - before.rowsReturned())
        .isLessThanOrEqualTo(Q1_GROUPS * regions);
  }

  @Test
  void explainShowsWhatWasPushed() {
    viewsOfCluster(Map.of());
    assertThat(explain(Tpch.Q6))
        .contains("pushed aggregates=[SUM(l_extendedprice * l_discount)]")
        .contains("l_shipdate >= ")
        .contains("l_quantity < ")
        .contains("read timestamp=")
        .contains("regions=");
    assertThat(explain("SELECT l_orderkey FROM lineitem LIMIT 5")).contains("pushed limit=5");
    viewsOfCluster(PUSH_NOTHING);
    assertThat(explain(Tpch.Q6)).doesNotContain("SUM(l_extendedprice * l_discount)");
  }

  private String explain(String query) {
    return spark().sql("EXPLAIN FORMATTED " + query).head().getString(0);
  }

  @Test
  void shippingPriorityBroadcastsCustomerBecauseItIsKnownToBeSmall() {
    // Without adaptive execution, only the estimates of the scans can lead there.
    set("spark.sql.adaptive.enabled", "false");
    viewsOfCluster(Map.of());
    Dataset<Row> query = spark().sql(Tpch.Q3);
    assertThat(query.collectAsList()).isNotEmpty();
    assertThat(broadcasts(query.queryExecution().executedPlan()))
        .anyMatch(broadcast -> broadcast.contains("tpch.customer"));
    long customer = estimatedBytes("customer");
    assertThat(customer).isPositive().isLessThan(10L << 20);
    assertThat(estimatedBytes("lineitem")).isGreaterThan(customer);
  }

  private long estimatedBytes(String view) {
    return spark().table(view).queryExecution().optimizedPlan().stats().sizeInBytes().toLong();
  }

  private static List<String> broadcasts(SparkPlan plan) {
    List<String> found = new java.util.ArrayList<>();
    if (plan instanceof BroadcastExchangeExec) {
      found.add(plan.toString());
    }
    CollectionConverters.asJava(plan.children()).forEach(child -> found.addAll(broadcasts(child)));
    return found;
  }

  @Test
  void aCatalogIsMadeFromTheAddressAndTheTableAlone() {
    Dataset<Row> customers = read("tpch.customer", Map.of());
    assertThat(customers.count()).isEqualTo(rowsOf("customer"));
    String catalog = "tikv_" + cluster().pdAddress().replaceAll("[^A-Za-z0-9]", "_");
    assertThat(spark().sql("SHOW TABLES IN " + catalog + ".tpch").collectAsList())
        .extracting(row -> row.getString(1))
        .contains("customer", "lineitem", "orders", "part");
  }

  @Test
  void anUnknownOptionIsNamedWithThoseThatThereAre() {
    assertThatThrownBy(() -> read("tpch.customer", Map.of("pushdown.filter", "true")))
        .hasMessageContaining("unknown option 'pushdown.filter'")
        .hasMessageContaining("pushdown.filters");
    assertThatThrownBy(() -> read("tpch.customer", Map.of("batch.rows", "many")))
        .hasMessageContaining("'batch.rows'")
        .hasMessageContaining("'many'");
    assertThatThrownBy(
            () ->
                spark().read().format("tikv").option("pd.addresses", cluster().pdAddress()).load())
        .hasMessageContaining("'table' is missing")
        .hasMessageContaining("such as");
  }

  @Test
  void anUnknownTableIsNamed() {
    assertThatThrownBy(() -> read("tpch.customers", Map.of()).count())
        .isInstanceOf(AnalysisException.class)
        .hasMessageContaining("customers")
        .hasMessageContaining("Verify the spelling");
    assertThatThrownBy(() -> read("customer", Map.of()).count())
        .hasMessageContaining("'table'")
        .hasMessageContaining("customer");
  }

  @Test
  void noPlacementDriverAtTheAddressIsSaidWithWhatToDo() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    assertThatThrownBy(
            () ->
                spark()
                    .read()
                    .format("tikv")
                    .option("pd.addresses", "127.0.0.1:" + port)
                    .option("table", "tpch.customer")
                    .load()
                    .count())
        .hasMessageContaining("no placement driver answers at 127.0.0.1:" + port)
        .hasMessageContaining("check the address");
  }

  private static long rowsOf(String view) {
    return TABLES.stream()
        .filter(table -> table.view().equals(view))
        .findFirst()
        .orElseThrow()
        .rows()
        .size();
  }
}
