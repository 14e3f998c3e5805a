package io.arrowraft.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.table.LoadOptions;
import io.arrowraft.client.table.Row;
import io.arrowraft.client.table.StoredRow;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.DataType;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster that is stopped as operators stop it and started again on the same directory. */
class RestartTest {
  private static final int STORES = 3;
  private static final int RAW_BATCHES = 20;
  private static final int RAW_PAIRS_PER_BATCH = 500;
  private static final int ROWS = 5_000;
  private static final long MEMORY_BYTES_MAX = 4L << 30;
  private static final Duration LOAD_BOUND = Duration.ofMinutes(2);

  @TempDir private Path data;

  @Test
  void aCleanStopLosesNothingAndTheProcessesStayWithinTheirMemory() throws Exception {
    int[] ports = LocalCluster.freePorts(STORES + 1);
    Timestamp before;
    Timestamp after;
    try (LocalCluster cluster =
        LocalCluster.start(data, STORES, ports[0], ports[1], "--split-size=4")) {
      try (ArrowraftClient client = connect(cluster)) {
        loadRawPairs(client);
        before = loadTable(client);
        after = changeTable(client);
        check(client, before, after);
      }
      checkMemory(cluster);
      cluster.stop();
      assertThat(cluster.exitCode()).isZero();
      assertThat(cluster.output()).contains("stopped");
    }
    try (LocalCluster cluster =
            LocalCluster.start(data, STORES, ports[0], ports[1], "--split-size=4");
        ArrowraftClient client = connect(cluster)) {
      check(client, before, after);
      assertThat(client.await(client.timestamp())).isGreaterThan(after);
      client.await(client.raw().put(Bytes.ofUtf8("after"), Bytes.ofUtf8("restart")));
      assertThat(client.await(client.raw().get(Bytes.ofUtf8("after"))))
          .contains(Bytes.ofUtf8("restart"));
      assertThat(client.await(client.tables().tables()).toString()).isEqualTo("[shop.goods]");
      cluster.stop();
      assertThat(cluster.exitCode()).isZero();
    }
  }

  private static ArrowraftClient connect(LocalCluster cluster) {
    return ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()));
  }

  private static void loadRawPairs(ArrowraftClient client) {
    for (int batch = 0; batch < RAW_BATCHES; batch++) {
      client.await(client.raw().batchPut(rawPairs(batch)));
    }
  }

  private static Map<Bytes, Bytes> rawPairs(int batch) {
    Map<Bytes, Bytes> pairs = new TreeMap<>();
    for (int i = 0; i < RAW_PAIRS_PER_BATCH; i++) {
      pairs.put(
          Bytes.ofUtf8("raw-%02d-%05d".formatted(batch, i)),
          Bytes.ofUtf8("value %d of batch %d ".formatted(i, batch).repeat(40)));
    }
    return pairs;
  }

  /** A timestamp at which the table holds its first rows. */
  private static Timestamp loadTable(ArrowraftClient client) {
    client.await(
        client
            .tables()
            .createTable(
                TableDefinition.named("shop.goods")
                    .required("id", DataType.BIGINT)
                    .column("name", DataType.STRING)
                    .column("price", DataType.decimal(12, 2))
                    .column("since", DataType.DATE)
                    .primaryKey("id")
                    .build()));
    TableHandle goods = client.await(client.tables().open("shop.goods"));
    long loaded =
        client.await(
            goods.load(
                LongStream.range(0, ROWS).mapToObj(id -> row(goods, id)).iterator(),
                LoadOptions.defaults(),
                rows -> {}),
            LOAD_BOUND);
    assertThat(loaded).isEqualTo(ROWS);
    return client.await(client.timestamp());
  }

  /** A timestamp at which one row has changed and one is gone. */
  private static Timestamp changeTable(ArrowraftClient client) {
    TableHandle goods = client.await(client.tables().open("shop.goods"));
    client.transact(
        transaction -> {
          client.await(
              goods.update(
                  transaction,
                  Row.builder().set("id", 1L).set("price", new BigDecimal("0.01")).build()));
          return client.await(goods.delete(transaction, 2L));
        });
    return client.await(client.timestamp());
  }

  private static Row row(TableHandle goods, long id) {
    return goods.row(
        id,
        id % 7 == 0 ? null : "thing " + id,
        BigDecimal.valueOf(id * 37, 2),
        LocalDate.of(2020, 1, 1).plusDays(id));
  }

  private static void check(ArrowraftClient client, Timestamp before, Timestamp after) {
    for (int batch = 0; batch < RAW_BATCHES; batch++) {
      Map<Bytes, Bytes> pairs = rawPairs(batch);
      assertThat(client.await(client.raw().batchGet(pairs.keySet()))).isEqualTo(pairs);
    }
    TableHandle goods = client.await(client.tables().open("shop.goods"));
    assertThat(rows(client, goods, client.snapshotAt(before)))
        .isEqualTo(LongStream.range(0, ROWS).mapToObj(id -> row(goods, id)).toList());
    List<Row> changed = rows(client, goods, client.snapshotAt(after));
    assertThat(changed).hasSize(ROWS - 1);
    assertThat(changed.get(1).getDecimal("price")).isEqualByComparingTo("0.01");
    assertThat(changed.get(2).getLong("id")).isEqualTo(3);
    assertThat(rows(client, goods, client.await(client.snapshot()))).isEqualTo(changed);
  }

  private static List<Row> rows(ArrowraftClient client, TableHandle goods, Snapshot snapshot) {
    return client.await(goods.scan(snapshot, 2 * ROWS)).rows().stream()
        .map(StoredRow::row)
        .toList();
  }

  private static void checkMemory(LocalCluster cluster) throws IOException {
    if (!Files.isReadable(Path.of("/proc/self/status"))) {
      System.out.println("NOTICE: resident memory is not checked: this system has no /proc");
      return;
    }
    Map<String, Long> resident = new TreeMap<>();
    resident.put("pd", residentBytes(cluster.pid("pd")));
    for (int store = 1; store <= STORES; store++) {
      resident.put("store-" + store, residentBytes(cluster.pid("store-" + store)));
    }
    System.out.println("resident bytes: " + resident);
    assertThat(resident.values().stream().mapToLong(Long::longValue).sum())
        .as("%s", resident)
        .isLessThanOrEqualTo(MEMORY_BYTES_MAX);
  }

  private static long residentBytes(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
        .findFirst()
        .orElseThrow();
  }
}
