package io.arrowraft.e2e.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.e2e.Bounded;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.execution.datasources.v2.BatchScanExec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** All tables and subqueries of a query are read as of one moment, whoever writes meanwhile. */
class SparkSnapshotTest extends SparkOverCluster {
  private static final int ACCOUNTS = 40;
  private static final int QUERIES = 8;
  private static final int MOVES_PER_QUERY = 5;
  private static final BigDecimal OPENING_BALANCE = new BigDecimal("100.00");
  private static final BigDecimal TOTAL = OPENING_BALANCE.multiply(new BigDecimal(2 * ACCOUNTS));
  private static final Duration MOVES_BOUND = Duration.ofSeconds(30);

  private final AtomicInteger moves = new AtomicInteger();
  private final AtomicReference<Throwable> writerFailure = new AtomicReference<>();
  private volatile boolean stopped;
  private Thread writer;

  private static TestTable accounts(String name) {
    return new TestTable(
        io.arrowraft.client.table.TableDefinition.named("bank." + name)
            .required("id", io.arrowraft.table.DataType.BIGINT)
            .required("balance", io.arrowraft.table.DataType.decimal(12, 2))
            .primaryKey("id")
            .build(),
        LongStream.range(0, ACCOUNTS).mapToObj(id -> new Object[] {id, OPENING_BALANCE}).toList(),
        List.<Object[]>of(new Object[] {ACCOUNTS / 2L}));
  }

  @BeforeEach
  void startWriter() {
    ArrowraftClient client = cluster().client();
    cluster()
        .prepareOnce(
            "bank",
            () -> {
              accounts("left").load(client);
              accounts("right").load(client);
            });
    for (String table : List.of("left", "right")) {
      read("bank." + table, Map.of()).createOrReplaceTempView(table + "_accounts");
    }
    TableHandle left = client.await(client.tables().open("bank.left"));
    TableHandle right = client.await(client.tables().open("bank.right"));
    writer = new Thread(() -> moveUntilStopped(client, left, right), "money-mover");
    writer.start();
  }

  @AfterEach
  void stopWriter() throws InterruptedException {
    stopped = true;
    writer.join(MOVES_BOUND.toMillis());
    assertThat(writer.isAlive()).isFalse();
    assertThat(writerFailure.get()).isNull();
  }

  private void moveUntilStopped(ArrowraftClient client, TableHandle left, TableHandle right) {
    SplittableRandom random = new SplittableRandom(7);
    try {
      while (!stopped) {
        long from = random.nextLong(ACCOUNTS);
        long to = random.nextLong(ACCOUNTS);
        BigDecimal amount = BigDecimal.valueOf(random.nextLong(1, 500), 2);
        client.transact(
            transaction -> {
              var source = client.await(left.get(transaction, from)).orElseThrow();
              var target = client.await(right.get(transaction, to)).orElseThrow();
              client.await(
                  left.upsert(
                      transaction, left.row(from, source.getDecimal("balance").subtract(amount))));
              client.await(
                  right.upsert(
                      transaction, right.row(to, target.getDecimal("balance").add(amount))));
              return null;
            });
        moves.incrementAndGet();
      }
    } catch (RuntimeException failure) {
      writerFailure.set(failure);
    }
  }

  @Test
  void theTotalOverTwoTablesNeverMoves() {
    String bySubqueries =
        "SELECT (SELECT sum(balance) FROM left_accounts) + (SELECT sum(balance) FROM right_accounts)";
    String byUnion =
        "SELECT sum(balance) FROM (SELECT * FROM left_accounts UNION ALL SELECT * FROM right_accounts)";
    String byJoin =
        "SELECT sum(l.balance + r.balance) FROM left_accounts l JOIN right_accounts r ON l.id = r.id";
    List<BigDecimal> totals = new ArrayList<>();
    for (int i = 0; i < QUERIES; i++) {
      for (String query : List.of(bySubqueries, byUnion, byJoin)) {
        int before = moves.get();
        Dataset<Row> total = spark().sql(query);
        // Between making the plan and running it, and between its scans, money has moved.
        Bounded.awaitNo(
            "money moved",
            MOVES_BOUND,
            () ->
                moves.get() >= before + MOVES_PER_QUERY
                    ? Optional.empty()
                    : Optional.of(moves + " moves, " + writerFailure));
        totals.add(total.head().getDecimal(0));
      }
    }
    assertThat(totals).allSatisfy(total -> assertThat(total).isEqualByComparingTo(TOTAL));
  }

  @Test
  void allScansOfAQueryHaveOneReadTimestampAndTheNextQueryALaterOne() {
    String query =
        """
        SELECT count(*) FROM left_accounts l JOIN right_accounts r ON l.id = r.id
        WHERE l.balance < (SELECT sum(balance) FROM right_accounts)
          AND r.id IN (SELECT id FROM left_accounts WHERE balance > -1000000)
        """;
    Dataset<Row> first = spark().sql(query);
    assertThat(first.collectAsList().get(0).getLong(0)).isEqualTo(ACCOUNTS);
    Dataset<Row> second = spark().sql(query);
    second.collectAsList();
    List<Long> firstTimestamps = timestamps(first);
    assertThat(firstTimestamps).hasSizeGreaterThanOrEqualTo(3);
    assertThat(firstTimestamps.stream().distinct()).hasSize(1);
    assertThat(timestamps(second).get(0)).isGreaterThan(firstTimestamps.get(0));
  }

  private static List<Long> timestamps(Dataset<Row> query) {
    return scansOf(query).stream()
        .map(BatchScanExec::scan)
        .map(scan -> scan.description().replaceAll("(?s).*read timestamp=(\\d+).*", "$1"))
        .map(Long::parseLong)
        .toList();
  }
}
