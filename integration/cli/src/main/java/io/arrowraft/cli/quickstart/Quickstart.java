package io.arrowraft.cli.quickstart;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.embedded.EmbeddedCluster;
import io.arrowraft.embedded.EmbeddedOptions;
import io.arrowraft.pd.client.RangeStatistics;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.coprocessor.CoprocessorCounters;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.TableKeys;
import io.trino.tpch.TpchTable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The whole path, once, on real data. */
public final class Quickstart {
  private static final int STORES = 3;
  private static final int LINEITEM_REGIONS_MIN = 4;
  private static final int TRANSFERS_PER_TOTAL_MIN = 100;
  private static final int TOTALS = 3;
  private static final Duration SPREAD_BOUND = Duration.ofMinutes(3);
  private static final String PARQUET = "parquet_";
  private static final String TOTAL_SQL =
      "SELECT count(*) AS accounts, sum(balance) AS total FROM accounts";

  private final double scale;
  private final Path directory;
  private final QuickstartOutput out;

  /**
   * @param scale of TPC-H; 1 is about six million lines
   * @param directory for the cluster's and the reference's files
   */
  public Quickstart(double scale, Path directory, QuickstartOutput out) {
    this.scale = scale;
    this.directory = directory;
    this.out = out;
  }

  /**
   * Runs it all.
   *
   * @param keep waits at the end, with everything running, until this process is told to stop
   * @return whether every check held
   */
  public boolean run(boolean keep) throws Exception {
    EmbeddedOptions options =
        EmbeddedOptions.defaults(directory.resolve("cluster"))
            .withStores(STORES)
            .withSplitBytes(splitBytes());
    out.section("Cluster");
    try (EmbeddedCluster cluster = EmbeddedCluster.start(options);
        ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      out.line("pd at %s, stores at %s", cluster.pdAddress(), cluster.storeAddresses());
      out.line("regions split at %.2f MiB", splitBytes() / (double) (1 << 20));
      load(client);
      SparkSession spark = spark();
      try {
        boolean passed = ask(cluster, client, spark);
        out.goOn(cluster.pdAddress(), passed, keep);
        if (keep) {
          Thread.currentThread().join();
        }
        return passed;
      } finally {
        spark.stop();
      }
    }
  }

  /** About 1 MiB; less where the whole of the data is so small that nothing would split. */
  private long splitBytes() {
    return Math.max(96 << 10, Math.min(1 << 20, (long) (scale * 100 * (1 << 20))));
  }

  private void load(ArrowraftClient client) throws Exception {
    out.section("Import TPC-H at scale " + scale);
    TpchLoader loader = new TpchLoader(client, scale);
    long start = System.nanoTime();
    long rows = 0;
    for (TpchTable<?> table : TpchTables.all()) {
      rows += loader.load(table);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    out.line("%,d rows in %.1f s, %,.0f rows/s", rows, seconds, rows / seconds);
    awaitSpread(client);
  }

  /** Waits until lineitem has its regions and each store leads some. */
  private void awaitSpread(ArrowraftClient client) throws Exception {
    KeyRange range = client.await(client.tables().open(TpchTables.NAMESPACE + ".lineitem")).range();
    long end = System.nanoTime() + SPREAD_BOUND.toNanos();
    while (true) {
      RangeStatistics found =
          client.await(
              client.placement().rangeStatistics(regionKey(range.start()), regionKey(range.end())));
      long leading = found.stores().stream().filter(store -> store.leaders() > 0).count();
      if (found.regions() >= LINEITEM_REGIONS_MIN && leading == STORES) {
        out.line("lineitem: %d regions, leaders by store: %s", found.regions(), leaders(found));
        return;
      }
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "lineitem has %d regions led by %d stores after %d s; wanted %d regions led by %d stores"
                .formatted(
                    found.regions(),
                    leading,
                    SPREAD_BOUND.toSeconds(),
                    LINEITEM_REGIONS_MIN,
                    STORES));
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  private boolean ask(EmbeddedCluster cluster, ArrowraftClient client, SparkSession spark)
      throws Exception {
    out.section("Reference: the generator's rows in Parquet");
    for (TpchTable<?> table : TpchTables.all()) {
      ParquetReference.write(spark, table, scale, directory.resolve("parquet"), PARQUET);
      view(spark, cluster, TpchTables.NAMESPACE, TpchTables.name(table));
    }
    out.line("written to %s", directory.resolve("parquet"));
    QueryRunner runner = new QueryRunner(spark);
    boolean passed = true;
    try (Transfers transfers = Transfers.prepare(client)) {
      view(spark, cluster, "bank", "accounts");
      transfers.start();
      out.section("Queries, while money moves");
      for (TpchQueries.Query query : TpchQueries.all()) {
        passed &= check(query, runner, cluster);
      }
      for (int round = 0; round < TOTALS; round++) {
        passed &= checkTotal(round, runner, client, transfers);
      }
      out.line(
          "transfers committed in all: %,d; given up: %,d",
          transfers.committed(), transfers.gaveUp());
    }
    return passed;
  }

  private boolean check(TpchQueries.Query query, QueryRunner runner, EmbeddedCluster cluster) {
    CoprocessorCounters.Values before = cluster.coprocessorCounters();
    QueryRun run = runner.run(query.sql());
    CoprocessorCounters.Values counted = cluster.coprocessorCounters().minus(before);
    List<Row> expected = runner.run(onParquet(query.sql())).rows();
    boolean agrees = run.rows().equals(expected);
    boolean pushed = StoreEvidence.satisfies(query, run, counted);
    out.query(query, run, counted, agrees, pushed);
    if (!agrees) {
      out.difference(expected, run.rows());
    }
    return agrees && pushed;
  }

  private boolean checkTotal(
      int round, QueryRunner runner, ArrowraftClient client, Transfers transfers) {
    boolean split = round == 1;
    long before = transfers.committed();
    QueryRun run = runner.run(TOTAL_SQL, split ? () -> splitAccounts(client, transfers) : () -> {});
    long moved = transfers.committed() - before;
    Row total = run.rows().get(0);
    boolean unmoved = total.getLong(0) == Transfers.ACCOUNTS && total.getLong(1) == Transfers.TOTAL;
    out.total(run, total, moved, split, unmoved);
    return unmoved && moved >= TRANSFERS_PER_TOTAL_MIN;
  }

  private static void splitAccounts(ArrowraftClient client, Transfers transfers) {
    long tableId = transfers.accounts().schema().tableId();
    client.await(
        client.split(
            KeySpace.TRANSACTIONAL,
            List.of(Bytes.wrap(TableKeys.rowKey(tableId, Transfers.ACCOUNTS / 2)))));
  }

  private static SparkSession spark() {
    return SparkSession.builder()
        .master("local[2]")
        .appName("arrowraft quickstart")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate();
  }

  private static void view(
      SparkSession spark, EmbeddedCluster cluster, String namespace, String table) {
    spark
        .read()
        .format("tikv")
        .option("pd.addresses", cluster.pdAddress())
        .option("table", namespace + "." + table)
        .load()
        .createOrReplaceTempView(table);
  }

  private static String onParquet(String sql) {
    String result = sql;
    for (TpchTable<?> table : TpchTables.all()) {
      String name = TpchTables.name(table);
      result = result.replaceAll("\\b" + name + "\\b", PARQUET + name);
    }
    return result;
  }

  private static Bytes regionKey(io.arrowraft.table.Bytes key) {
    return KeySpace.TRANSACTIONAL.regionKey(Bytes.wrap(key.toByteArray()));
  }

  private static String leaders(RangeStatistics statistics) {
    StringBuilder text = new StringBuilder();
    statistics
        .stores()
        .forEach(
            store ->
                text.append(text.length() == 0 ? "" : ", ")
                    .append(store.storeId())
                    .append(": ")
                    .append(store.leaders()));
    return text.toString();
  }
}
