package io.arrowraft.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.holdenkarau.spark.testing.JavaDataFrameSuiteBase;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RunningQueriesTest extends JavaDataFrameSuiteBase {
  private static final String COUNT = "SELECT count(DISTINCT name) FROM held.shop.customers";

  private final ExecutorService queries = Executors.newSingleThreadExecutor();
  private final Set<Long> heldWhileRead = ConcurrentHashMap.newKeySet();
  private FakeCluster cluster;

  @Override
  public boolean enableHiveSupport() {
    return false;
  }

  @BeforeEach
  void open() {
    runBefore();
    cluster = FakeCluster.at("held:2379");
    Shop.open(cluster);
    cluster.tasks.clear();
    cluster.holdsTaken.set(0);
    cluster.safePoint = 0;
    cluster.onRead = () -> heldWhileRead.addAll(cluster.holds.values());
    spark().conf().set("spark.sql.catalog.held.pd.addresses", "held:2379");
    spark().conf().set("spark.sql.catalog.held", FakeCatalog.class.getName());
    spark().sessionState().catalogManager().reset();
  }

  @AfterEach
  void holdNothing() {
    queries.shutdownNow();
    awaitHolds(0);
  }

  @AfterAll
  static void stop() {
    runAfterClass();
  }

  /** Spark tells of a query's end on a thread of its own. */
  private void awaitHolds(int expected) {
    try {
      spark().sparkContext().listenerBus().waitUntilEmpty(TimeUnit.SECONDS.toMillis(30));
    } catch (java.util.concurrent.TimeoutException late) {
      throw new AssertionError(late);
    }
    assertThat(cluster.holds).hasSize(expected);
    assertThat(RunningQueries.of(spark().sparkContext()).timestampsHeld()).isEqualTo(expected);
  }

  private Collection<Long> timestampsRead() {
    return cluster.tasks.stream().map(task -> task.timestamp()).distinct().toList();
  }

  @Test
  void aQueryHoldsItsTimestampWhileItsTasksRun() {
    spark()
        .sql(
            "SELECT count(*) FROM held.shop.lines l JOIN held.shop.customers c ON l.order_id = c.id"
                + " WHERE price > (SELECT min(amount) / 1000000000 FROM held.shop.large)")
        .collectAsList();

    assertThat(heldWhileRead).containsExactlyElementsOf(timestampsRead());
    assertThat(cluster.holdsTaken).hasValue(1);
    awaitHolds(0);
  }

  @Test
  void whatIsPlannedAndNotRunHoldsNothing() {
    Dataset<Row> unused = spark().sql(COUNT);
    assertThat(unused.queryExecution().executedPlan().toString()).contains("read timestamp");
    unused.explain();
    JavaRDD<Row> rows = spark().table("held.shop.customers").toJavaRDD();
    assertThat(rows.getNumPartitions()).isPositive();

    awaitHolds(0);
    assertThat(cluster.tasks).isEmpty();
  }

  @Test
  void aFailedQueryLetsGo() {
    cluster.onRead =
        () -> {
          heldWhileRead.addAll(cluster.holds.values());
          throw new IllegalStateException("the store is gone");
        };

    assertThatThrownBy(() -> spark().sql(COUNT).collectAsList())
        .hasStackTraceContaining("the store is gone");

    assertThat(heldWhileRead).hasSize(1);
    awaitHolds(0);
  }

  @Test
  void aCancelledQueryHoldsUntilItIsCancelled() throws Exception {
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    cluster.onRead =
        () -> {
          reading.countDown();
          try {
            never.await();
          } catch (InterruptedException cancelled) {
            throw new IllegalStateException("the task was cancelled", cancelled);
          }
        };
    Future<List<Row>> query =
        queries.submit(
            () -> {
              spark().sparkContext().setJobGroup("slow", "a slow query", true);
              return spark().sql(COUNT).collectAsList();
            });
    reading.await();
    awaitHolds(1);

    spark().sparkContext().cancelJobGroup("slow");

    assertThatThrownBy(() -> query.get(60, TimeUnit.SECONDS)).hasStackTraceContaining("cancelled");
    awaitHolds(0);
  }

  @Test
  void aSecondActionOfADatasetHoldsTheSameTimestampAgain() {
    Dataset<Row> customers = spark().table("held.shop.customers");
    customers.collectAsList();
    awaitHolds(0);
    CountDownLatch held = new CountDownLatch(1);
    // The claim of tasks that were planned before is taken while their stage starts.
    cluster.onRead = () -> awaitHold(held);

    customers.collectAsList();

    assertThat(held.getCount()).isZero();
    assertThat(timestampsRead()).hasSize(1);
    assertThat(cluster.holdsTaken).hasValue(2);
    awaitHolds(0);
  }

  @Test
  void anRddThatIsRunOutsideOfAQueryHoldsWhileItsStageRuns() {
    JavaRDD<Row> rows = spark().table("held.shop.customers").toJavaRDD();
    CountDownLatch held = new CountDownLatch(1);
    cluster.onRead = () -> awaitHold(held);

    assertThat(rows.count()).isEqualTo(100);

    assertThat(held.getCount()).isZero();
    awaitHolds(0);
  }

  private void awaitHold(CountDownLatch held) {
    try {
      spark().sparkContext().listenerBus().waitUntilEmpty(TimeUnit.SECONDS.toMillis(30));
    } catch (java.util.concurrent.TimeoutException late) {
      throw new IllegalStateException(late);
    }
    if (!cluster.holds.isEmpty()) {
      held.countDown();
    }
  }

  @Test
  void aTimestampThatIsCollectedAlreadyFailsTheQueryBeforeItsTasks() {
    long old = cluster.timestamp();
    cluster.safePoint = cluster.timestamp();

    assertThatThrownBy(
            () ->
                spark()
                    .sql("SELECT * FROM held.shop.customers VERSION AS OF " + old)
                    .collectAsList())
        .hasStackTraceContaining("versions at " + old + " are collected");

    assertThat(cluster.tasks).isEmpty();
  }

  @Test
  void holdingCanBeSwitchedOff() {
    spark().conf().set("spark.sql.catalog.held.hold.seconds.max", "0");
    spark().sessionState().catalogManager().reset();
    try {
      spark().sql(COUNT).collectAsList();
      assertThat(cluster.holdsTaken).hasValue(0);
    } finally {
      spark().conf().unset("spark.sql.catalog.held.hold.seconds.max");
    }
  }
}
