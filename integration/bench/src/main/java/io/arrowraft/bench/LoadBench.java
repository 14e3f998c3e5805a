package io.arrowraft.bench;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.bulk.ImportOptions;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.table.LoadOptions;
import io.arrowraft.client.table.Row;
import io.arrowraft.client.table.RowPage;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.embedded.EmbeddedCluster;
import io.arrowraft.embedded.EmbeddedOptions;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.DataType;
import io.trino.tpch.LineItem;
import io.trino.tpch.LineItemGenerator;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Rows of TPC-H's {@code lineitem} into three replicas: by import, by transactions, and, as raw
 * pairs, in one batch. Options: {@code --scale=0.1 --warm-up=0.02 --batch=10000}.
 */
public final class LoadBench {
  private static final Duration BOUND = Duration.ofHours(1);
  private static final int PAGE = 10_000;

  private final ArrowraftClient client;

  private LoadBench(ArrowraftClient client) {
    this.client = client;
  }

  /** Adds a table's rows and tells how many. */
  private interface Way {
    CompletableFuture<Long> load(TableHandle table, Iterator<Row> rows);
  }

  /** Runs the benchmark and prints a line for each way. */
  public static void main(String[] args) throws IOException {
    Map<String, String> options = new TreeMap<>();
    for (String arg : args) {
      int equals = arg.indexOf('=');
      if (!arg.startsWith("--") || equals < 0) {
        throw new IllegalArgumentException("expected --name=value, not " + arg);
      }
      options.put(arg.substring(2, equals), arg.substring(equals + 1));
    }
    double scale = Double.parseDouble(options.getOrDefault("scale", "0.1"));
    double warmUp = Double.parseDouble(options.getOrDefault("warm-up", "0.02"));
    int batch = Integer.parseInt(options.getOrDefault("batch", "10000"));
    Path directory = Files.createTempDirectory("arrowraft-load");
    try (EmbeddedCluster cluster = EmbeddedCluster.start(EmbeddedOptions.defaults(directory));
        ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      LoadBench bench = new LoadBench(client);
      Way imports =
          (table, rows) ->
              table.importRows(rows, ImportOptions.defaults().ofSortedPairs(), count -> {});
      Way transactions = (table, rows) -> table.load(rows, LoadOptions.defaults(), count -> {});
      bench.measure("warm-up of import", "warm_import", warmUp, imports);
      bench.measure("import", "lineitem_import", scale, imports);
      bench.measure("warm-up of transactions", "warm_txn", warmUp, transactions);
      bench.measure("transactions", "lineitem_txn", scale, transactions);
      bench.batchPut("warm-up", batch);
      bench.batchPut("batch", batch);
      bench.importRaw(batch);
      cluster.check();
    } finally {
      Forks.delete(directory);
    }
  }

  private void measure(String what, String name, double scale, Way way) {
    TableHandle table = create(name);
    double cpu = cpuSeconds();
    long from = System.nanoTime();
    long rows = client.await(way.load(table, rows(table, scale)), BOUND);
    double seconds = (System.nanoTime() - from) / 1e9;
    double spent = cpuSeconds() - cpu;
    long found = count(table);
    if (found != rows) {
      throw new IllegalStateException(name + " has " + found + " rows, not " + rows);
    }
    System.out.printf(
        "%s: %,d rows in %.2f s, %,.0f rows/s; processor time %.1f us for a row%n",
        what, rows, seconds, rows / seconds, spent / rows * 1e6);
  }

  private static double cpuSeconds() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime() / 1e9
        : 0;
  }

  private TableHandle create(String name) {
    TableDefinition definition =
        TableDefinition.named("bench." + name)
            .required("l_orderkey", DataType.BIGINT)
            .required("l_partkey", DataType.BIGINT)
            .required("l_suppkey", DataType.BIGINT)
            .required("l_linenumber", DataType.INTEGER)
            .required("l_quantity", DataType.decimal(15, 2))
            .required("l_extendedprice", DataType.decimal(15, 2))
            .required("l_discount", DataType.decimal(15, 2))
            .required("l_tax", DataType.decimal(15, 2))
            .required("l_returnflag", DataType.STRING)
            .required("l_linestatus", DataType.STRING)
            .required("l_shipdate", DataType.DATE)
            .required("l_commitdate", DataType.DATE)
            .required("l_receiptdate", DataType.DATE)
            .required("l_shipinstruct", DataType.STRING)
            .required("l_shipmode", DataType.STRING)
            .required("l_comment", DataType.STRING)
            .primaryKey("l_orderkey", "l_linenumber")
            .build();
    return client.tables().handle(client.await(client.tables().createTable(definition)));
  }

  /** In the order of the primary key, as the generator makes them. */
  private static Iterator<Row> rows(TableHandle table, double scale) {
    Iterator<LineItem> items = new LineItemGenerator(scale, 1, 1).iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return items.hasNext();
      }

      @Override
      public Row next() {
        LineItem item = items.next();
        return table.row(
            item.getOrderKey(),
            item.getPartKey(),
            item.getSupplierKey(),
            item.getLineNumber(),
            BigDecimal.valueOf(item.getQuantity() * 100, 2),
            BigDecimal.valueOf(item.getExtendedPriceInCents(), 2),
            BigDecimal.valueOf(item.getDiscountPercent(), 2),
            BigDecimal.valueOf(item.getTaxPercent(), 2),
            item.getReturnFlag(),
            item.getStatus(),
            LocalDate.ofEpochDay(item.getShipDate()),
            LocalDate.ofEpochDay(item.getCommitDate()),
            LocalDate.ofEpochDay(item.getReceiptDate()),
            item.getShipInstructions(),
            item.getShipMode(),
            item.getComment());
      }
    };
  }

  private long count(TableHandle table) {
    Snapshot snapshot = client.await(client.snapshot());
    long count = 0;
    RowPage page = client.await(table.scan(snapshot, PAGE));
    count += page.rows().size();
    Optional<Bytes> next = page.continuation();
    while (next.isPresent()) {
      page = client.await(table.scan(snapshot, next.get(), PAGE));
      count += page.rows().size();
      next = page.continuation();
    }
    return count;
  }

  private void batchPut(String name, int pairs) {
    Map<Bytes, Bytes> batch = new LinkedHashMap<>();
    for (int i = 0; i < pairs; i++) {
      batch.put(key(name, i), Bytes.wrap(new byte[100]));
    }
    long from = System.nanoTime();
    client.await(client.raw().batchPut(batch), BOUND);
    System.out.printf(
        "%s: one raw batch put of %,d pairs of 100 bytes in %.3f s%n",
        name, pairs, (System.nanoTime() - from) / 1e9);
  }

  private void importRaw(int pairs) {
    Iterator<KeyValue> sorted =
        java.util.stream.IntStream.range(0, pairs)
            .mapToObj(i -> new KeyValue(key("imported", i), Bytes.wrap(new byte[100])))
            .iterator();
    long from = System.nanoTime();
    long count =
        client.await(
            client.raw().bulkLoad(sorted, ImportOptions.defaults().ofSortedPairs(), done -> {}),
            BOUND);
    System.out.printf(
        "import of %,d raw pairs of 100 bytes in %.3f s%n",
        count, (System.nanoTime() - from) / 1e9);
  }

  private static Bytes key(String prefix, int number) {
    return Bytes.ofUtf8("%s-%08d".formatted(prefix, number));
  }
}
