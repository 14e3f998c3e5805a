package io.arrowraft.client.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.fake.FakeCluster;
import io.arrowraft.client.fake.FakeCluster.Fault;
import io.arrowraft.client.fake.VirtualWorld;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.DataType;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class TablesTest {
  private final VirtualWorld world = new VirtualWorld();
  private final FakeCluster cluster = new FakeCluster(world);
  private final ArrowraftClient client = cluster.client();
  private final Tables tables = client.tables();

  private static final TableDefinition ORDERS =
      TableDefinition.named("shop.orders")
          .required("id", DataType.BIGINT)
          .required("total", DataType.decimal(15, 2))
          .column("placed", DataType.DATE)
          .column("note", DataType.STRING)
          .primaryKey("id")
          .build();

  @Test
  void tablesAreCreatedListedAndDropped() {
    TableSchema orders = world.await(tables.createTable(ORDERS));
    TableSchema lines =
        world.await(
            tables.createTable(
                TableDefinition.named("shop.lines").column("a", DataType.STRING).build()));
    assertThat(lines.tableId()).isNotEqualTo(orders.tableId());
    assertThat(world.await(tables.namespaces())).containsExactly("shop");
    assertThat(world.await(tables.tables()))
        .containsExactly(new TableName("shop", "lines"), new TableName("shop", "orders"));
    assertThat(world.await(tables.open("shop.orders")).schema()).isEqualTo(orders);
    insert(world.await(tables.open("shop.orders")), 50);
    world.await(tables.dropTable("shop.orders"));
    assertFails(() -> world.await(tables.open("shop.orders")), ErrorCode.UNKNOWN_TABLE);
    assertThat(world.await(tables.tables("shop"))).hasSize(1);
    world.await(tables.changes().resume());
    world.advance(Duration.ofSeconds(3));
    cluster.passSafePoint(world.await(client.timestamp()));
    world.await(tables.changes().resume());
    Bytes start = Bytes.wrap(TableKeys.tablePrefix(orders.tableId()));
    assertThat(
            world
                .await(
                    world
                        .await(client.snapshot())
                        .scan(start, Bytes.wrap(TableKeys.tablePrefix(lines.tableId())), 99))
                .pairs())
        .isEmpty();
    assertFails(() -> world.await(tables.dropNamespace("shop")), ErrorCode.NAMESPACE_NOT_EMPTY);
    world.await(tables.dropTable("shop.lines"));
    world.await(tables.dropNamespace("shop"));
    assertFails(() -> world.await(tables.tables("shop")), ErrorCode.UNKNOWN_NAMESPACE);
  }

  @Test
  void aTakenNameIsRefused() {
    world.await(tables.createTable(ORDERS));
    assertFails(() -> world.await(tables.createTable(ORDERS)), ErrorCode.TABLE_EXISTS);
  }

  @Test
  void oneOfTwoCreatorsOfANameWins() {
    CompletableFuture<TableSchema> first = tables.createTable(ORDERS);
    CompletableFuture<TableSchema> second = cluster.client().tables().createTable(ORDERS);
    List<Object> outcomes = new ArrayList<>();
    for (CompletableFuture<TableSchema> each : List.of(first, second)) {
      try {
        outcomes.add(world.await(each).tableName());
      } catch (ArrowraftException refused) {
        outcomes.add(refused.code());
      }
    }
    assertThat(outcomes).containsExactlyInAnyOrder(ORDERS.name(), ErrorCode.TABLE_EXISTS);
  }

  @Test
  void badDefinitionsAreRefusedBeforeAnythingIsSent() {
    assertFails(() -> TableDefinition.named("nameless"), ErrorCode.INVALID_ARGUMENT);
    assertFails(
        () ->
            tables.createTable(
                TableDefinition.named("a.b").column("x", DataType.DATE).primaryKey("y").build()),
        ErrorCode.INVALID_SCHEMA);
    assertThat(cluster.calls("KvPrewrite")).isZero();
  }

  @Test
  void rowsAreInsertedReadUpdatedAndDeleted() {
    TableHandle orders = orders();
    Row row = orders.row(1L, new BigDecimal("9.50"), LocalDate.of(2024, 2, 29), null);
    transact(tx -> orders.insert(tx, row));
    Row read = world.await(orders.get(snapshot(), 1L)).orElseThrow();
    assertThat(read.getLong("ID")).isEqualTo(1);
    assertThat(read.getDecimal("total")).isEqualTo(new BigDecimal("9.50"));
    assertThat(read.getDate("placed")).isEqualTo(LocalDate.of(2024, 2, 29));
    assertThat(read.isNull("note")).isTrue();
    Row change = Row.builder().set("id", 1).set("note", "late").build();
    assertThat((Object) transact(tx -> orders.update(tx, change))).isEqualTo(true);
    Row changed = world.await(orders.get(snapshot(), 1L)).orElseThrow();
    assertThat(changed.getString("note")).isEqualTo("late");
    assertThat(changed.getDecimal("total")).isEqualTo(new BigDecimal("9.50"));
    assertThat((Object) transact(tx -> orders.delete(tx, 1L))).isEqualTo(true);
    assertThat((Object) transact(tx -> orders.delete(tx, 1L))).isEqualTo(false);
    assertThat((Object) transact(tx -> orders.update(tx, change))).isEqualTo(false);
    assertThat(world.await(orders.get(snapshot(), 1L))).isEmpty();
  }

  @Test
  void insertRefusesAKeyThatExistsAndUpsertDoesNot() {
    TableHandle orders = orders();
    insert(orders, 1);
    assertFails(() -> insert(orders, 1), ErrorCode.KEY_EXISTS);
    transact(
        tx -> {
          orders.upsert(tx, orders.row(0L, BigDecimal.TEN, null, "replaced"));
          return CompletableFuture.completedFuture(null);
        });
    assertThat(world.await(orders.get(snapshot(), 0L)).orElseThrow().getString("note"))
        .isEqualTo("replaced");
  }

  @Test
  void badRowsAreRefusedByNameAndChangeNothing() {
    TableHandle orders = orders();
    Transaction transaction = world.await(client.begin());
    assertFails(
        () -> orders.insert(transaction, Row.builder().set("id", 1).set("totl", 1).build()),
        ErrorCode.UNKNOWN_COLUMN,
        "totl");
    assertFails(
        () -> orders.insert(transaction, Row.builder().set("id", 1).build()),
        ErrorCode.INVALID_VALUE,
        "total");
    assertFails(
        () -> orders.insert(transaction, orders.row(1L, "ten", null, null)),
        ErrorCode.INVALID_VALUE,
        "total");
    assertFails(
        () -> orders.insert(transaction, orders.row(1L, new BigDecimal("0.001"), null, null)),
        ErrorCode.INVALID_VALUE,
        "total");
    assertFails(() -> orders.row(1L), ErrorCode.INVALID_ARGUMENT);
    assertFails(() -> orders.get(transaction, "one"), ErrorCode.INVALID_VALUE, "id");
    assertThat(transaction.isReadOnly()).isTrue();
  }

  @Test
  void compositeKeysAddressAndOrderRows() {
    world.await(
        tables.createTable(
            TableDefinition.named("shop.lines")
                .required("order_id", DataType.BIGINT)
                .required("part", DataType.STRING)
                .column("count", DataType.INTEGER)
                .primaryKey("order_id", "part")
                .build()));
    TableHandle lines = world.await(tables.open("shop.lines"));
    transact(
        tx ->
            lines.insertAll(
                tx,
                List.of(
                    lines.row(2L, "a", 1),
                    lines.row(1L, "b", 2),
                    lines.row(-1L, "z", 3),
                    lines.row(1L, "a", 4))));
    assertThat(world.await(lines.get(snapshot(), 1L, "b")).orElseThrow().getLong("count"))
        .isEqualTo(2);
    assertThat(world.await(lines.scan(snapshot(), 99)).rows())
        .extracting(stored -> stored.row().getLong("count"))
        .containsExactly(3L, 4L, 2L, 1L);
    assertThat(
            world
                .await(lines.scanBetween(snapshot(), List.of(1L, "b"), List.of(2L, "b"), 99))
                .rows())
        .extracting(stored -> stored.row().getLong("count"))
        .containsExactly(2L, 1L);
  }

  @Test
  void rowsWithoutAPrimaryKeyGetHiddenIds() {
    world.await(
        tables.createTable(
            TableDefinition.named("shop.log").column("text", DataType.STRING).build()));
    TableHandle log = world.await(tables.open("shop.log"));
    TableHandle other = world.await(cluster.client().tables().open("shop.log"));
    for (int i = 0; i < 3; i++) {
      transact(tx -> log.insertAll(tx, List.of(log.row("a"), log.row("a"))));
      transact(tx -> other.insert(tx, other.row("b")));
    }
    RowPage page = world.await(log.scan(snapshot(), 4));
    List<StoredRow> rows = new ArrayList<>(page.rows());
    rows.addAll(world.await(log.scan(snapshot(), page.continuation().orElseThrow(), 99)).rows());
    assertThat(rows).hasSize(9);
    transact(
        tx -> log.updateAt(tx, rows.get(0).rowKey(), Row.builder().set("text", "changed").build()));
    transact(tx -> log.deleteAt(tx, rows.get(1).rowKey()));
    assertThat(world.await(log.scan(snapshot(), 99)).rows())
        .hasSize(8)
        .first()
        .extracting(stored -> stored.row().getString("text"))
        .isEqualTo("changed");
    assertFails(() -> log.get(snapshot(), 1L), ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void aLoadCutsItsRowsIntoTransactions() {
    TableHandle orders = orders();
    cluster.splitAt(
        io.arrowraft.client.region.KeySpace.TRANSACTIONAL.regionKey(
            Bytes.wrap(TableKeys.rowKey(orders.schema().tableId(), 500))));
    List<Long> progress = new ArrayList<>();
    long loaded =
        world.await(
            orders.load(
                rows(orders, 1000).iterator(),
                new LoadOptions(100, 1 << 20, 3, 4096),
                progress::add));
    assertThat(loaded).isEqualTo(1000);
    assertThat(progress).hasSize(10).isSorted().endsWith(1000L);
    world.await(client.transactions().idle());
    assertThat(world.await(orders.scan(snapshot(), 5000)).rows()).hasSize(1000);
  }

  @Test
  void aLoadSettlesAnUnknownOutcomeByReading() {
    TableHandle orders = orders();
    cluster.fault("KvCommit", Fault.LOSE_ANSWER);
    for (int i = 0; i < 5; i++) {
      cluster.fault("KvCommit", Fault.LOSE_REQUEST);
    }
    long loaded =
        world.await(orders.load(rows(orders, 10).iterator(), LoadOptions.defaults(), rows -> {}));
    assertThat(loaded).isEqualTo(10);
    assertThat(world.await(orders.scan(snapshot(), 99)).rows()).hasSize(10);
  }

  @Test
  void aLoadOfBadRowsFailsWithTheirColumn() {
    TableHandle orders = orders();
    List<Row> rows = rows(orders, 10);
    rows.set(7, orders.row(7L, "seven", null, null));
    assertFails(
        () -> world.await(orders.load(rows.iterator(), LoadOptions.defaults(), done -> {})),
        ErrorCode.INVALID_VALUE,
        "total");
  }

  @Test
  void aLoadIntoAHiddenIdTableWorks() {
    world.await(
        tables.createTable(
            TableDefinition.named("shop.log").column("text", DataType.STRING).build()));
    TableHandle log = world.await(tables.open("shop.log"));
    List<Row> rows = IntStream.range(0, 300).mapToObj(i -> log.row("row " + i)).toList();
    world.await(log.load(rows.iterator(), new LoadOptions(50, 1 << 20, 4, 4096), done -> {}));
    assertThat(world.await(log.scan(snapshot(), 999)).rows()).hasSize(300);
  }

  private TableHandle orders() {
    world.await(tables.createTable(ORDERS));
    return world.await(tables.open("shop.orders"));
  }

  private void insert(TableHandle orders, int count) {
    transact(tx -> orders.insertAll(tx, rows(orders, count)));
  }

  private static List<Row> rows(TableHandle orders, int count) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(orders.row((long) i, new BigDecimal(i + ".25"), LocalDate.of(2024, 1, 1), "n" + i));
    }
    return rows;
  }

  private <T> T transact(Function<Transaction, CompletableFuture<T>> body) {
    return world.await(client.retrying(body));
  }

  private io.arrowraft.client.txn.Snapshot snapshot() {
    return world.await(client.snapshot());
  }

  private static void assertFails(ThrowingCallable call, ErrorCode code, String... mentioned) {
    assertThatThrownBy(call)
        .isInstanceOf(ArrowraftException.class)
        .satisfies(
            failure -> {
              assertThat(((ArrowraftException) failure).code()).isEqualTo(code);
              for (String each : mentioned) {
                assertThat(failure.getMessage()).contains(each);
              }
            });
  }
}
