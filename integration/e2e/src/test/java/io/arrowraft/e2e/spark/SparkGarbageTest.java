package io.arrowraft.e2e.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.holdenkarau.spark.testing.JavaDataFrameSuiteBase;
import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.embedded.EmbeddedCluster;
import io.arrowraft.embedded.EmbeddedOptions;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.table.DataType;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A query that runs for longer than versions live. */
class SparkGarbageTest extends JavaDataFrameSuiteBase {
  private static final int ROWS = 50;
  private static final long SECONDS_MAX = 90;

  /** The tasks run in this JVM. */
  private static final CountDownLatch READING = new CountDownLatch(1);

  private static final CountDownLatch MAY_GO_ON = new CountDownLatch(1);

  @TempDir private Path directory;

  @Override
  public boolean enableHiveSupport() {
    return false;
  }

  @BeforeEach
  void openSession() {
    runBefore();
  }

  @Test
  void garbageCollectionPassesTheTimestampOfAQueryOnceItHasEnded() throws Exception {
    ExecutorService queries = Executors.newSingleThreadExecutor();
    try (EmbeddedCluster cluster =
            EmbeddedCluster.start(EmbeddedOptions.defaults(directory).withStores(1));
        ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      TableHandle table = loadedTable(client);
      UDF1<Long, Boolean> slow =
          id -> {
            READING.countDown();
            return MAY_GO_ON.await(SECONDS_MAX, TimeUnit.SECONDS);
          };
      spark().udf().register("slow", slow, DataTypes.BooleanType);
      spark()
          .read()
          .format("tikv")
          .option("pd.addresses", cluster.pdAddress())
          .option("table", "old.rows")
          .load()
          .createOrReplaceTempView("old_rows");
      Dataset<Row> query =
          spark().sql("SELECT max(version), count(*) FROM old_rows WHERE slow(id)");

      Future<Row> answer = queries.submit(() -> query.head());
      assertThat(READING.await(SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
      Timestamp read = client.await(client.timestamp());
      collectAtOnce(cluster);
      client.transact(
          transaction -> {
            LongStream.range(0, ROWS)
                .forEach(id -> client.await(table.upsert(transaction, table.row(id, 2L))));
            return null;
          });
      client.await(
          client.transactions().after(Timestamp.of(read.physicalMillis() + 5_000, 0)),
          Duration.ofSeconds(SECONDS_MAX));

      assertThat(safePoint(client)).isLessThan(read.value());
      MAY_GO_ON.countDown();
      assertThat(answer.get(SECONDS_MAX, TimeUnit.SECONDS).mkString(" ")).isEqualTo("1 " + ROWS);
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
      while (safePoint(client) <= read.value()) {
        assertThat(System.nanoTime() - until).isNegative();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
      }
      cluster.check();
    } finally {
      MAY_GO_ON.countDown();
      queries.shutdownNow();
    }
  }

  private static TableHandle loadedTable(ArrowraftClient client) {
    client.await(
        client
            .tables()
            .createTable(
                TableDefinition.named("old.rows")
                    .required("id", DataType.BIGINT)
                    .required("version", DataType.BIGINT)
                    .primaryKey("id")
                    .build()));
    TableHandle table = client.await(client.tables().open("old.rows"));
    client.await(
        client.retrying(
            transaction ->
                table.insertAll(
                    transaction,
                    LongStream.range(0, ROWS).mapToObj(id -> table.row(id, 1L)).toList())));
    return table;
  }

  private static void collectAtOnce(EmbeddedCluster cluster) throws Exception {
    HttpResponse<String> changed =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create("http://" + cluster.pdAddress() + "/pd/api/v1/config"))
                    .POST(
                        HttpRequest.BodyPublishers.ofString(
                            "{\"gc-life-time\":\"1s\",\"gc-run-interval\":\"1s\"}"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(changed.statusCode()).as(changed.body()).isEqualTo(200);
  }

  private static long safePoint(ArrowraftClient client) {
    return client.await(client.placement().gcSafePoint()).value();
  }
}
