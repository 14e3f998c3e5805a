package io.arrowraft.client.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.fake.FakeCluster;
import io.arrowraft.client.fake.VirtualWorld;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.DataType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IndexesTest {
  private final VirtualWorld world = new VirtualWorld();
  private final FakeCluster cluster = new FakeCluster(world);
  private final ArrowraftClient client = cluster.client();
  private final TableAudit audit = new TableAudit(world);

  private static TableDefinition.Builder people() {
    return TableDefinition.named("shop.people")
        .required("id", DataType.BIGINT)
        .column("mail", DataType.STRING)
        .column("city", DataType.STRING)
        .column("age", DataType.INTEGER)
        .primaryKey("id")
        .uniqueIndex("by_mail", "mail")
        .index("by_city", "city", "age");
  }

  @Test
  void rowsAreFoundByTheirIndexes() {
    TableHandle people = open(people().build());
    add(people, 1, "a@x", "Ulm", 30);
    add(people, 2, "b@x", "Ulm", 20);
    add(people, 3, null, "Ulm", null);
    add(people, 4, null, "Bonn", 50);
    IndexHandle byMail = people.index("BY_MAIL");
    assertThat(world.await(byMail.get(snapshot(), "b@x")).orElseThrow().getLong("id")).isEqualTo(2);
    assertThat(world.await(byMail.get(snapshot(), "c@x"))).isEmpty();
    IndexHandle byCity = people.index("by_city");
    assertThat(ids(byCity, IndexRange.all())).containsExactly(4L, 3L, 2L, 1L);
    assertThat(ids(byCity, IndexRange.equalTo("Ulm"))).containsExactly(3L, 2L, 1L);
    assertThat(ids(byCity, IndexRange.equalTo("Ulm").from(20).below(30))).containsExactly(2L);
    assertThat(ids(byCity, IndexRange.equalTo("Ulm").above(20))).containsExactly(1L);
    assertThat(ids(byCity, IndexRange.equalTo("Ulm").to(30))).containsExactly(2L, 1L);
    assertThat(ids(byCity, IndexRange.equalTo("Ulm", null))).containsExactly(3L);
    assertThat(ids(byMail, IndexRange.equalTo((Object) null))).containsExactly(3L, 4L);
  }

  @Test
  void rowsAreReadFromTheEndDown() {
    TableHandle people = open(people().build());
    for (int id = 1; id <= 5; id++) {
      add(people, id, id + "@x", id % 2 == 0 ? "Ulm" : "Bonn", id);
    }
    IndexHandle byCity = people.index("by_city");
    RowPage page = world.await(people.scanDown(snapshot(), 2));
    assertThat(idsOf(page)).containsExactly(5L, 4L);
    Bytes next = page.continuation().orElseThrow();
    assertThat(idsOf(world.await(people.scanDown(snapshot(), next, 9))))
        .containsExactly(3L, 2L, 1L);
    RowPage bonn = world.await(byCity.scanDown(snapshot(), IndexRange.equalTo("Bonn"), 2));
    assertThat(idsOf(bonn)).containsExactly(5L, 3L);
    Bytes beyond = bonn.continuation().orElseThrow();
    assertThat(
            idsOf(world.await(byCity.scanDown(snapshot(), IndexRange.equalTo("Bonn"), beyond, 2))))
        .containsExactly(1L);
    assertThat(idsOf(world.await(byCity.scanDown(snapshot(), IndexRange.all(), 9))))
        .containsExactly(4L, 2L, 5L, 3L, 1L);
  }

  private static List<Long> idsOf(RowPage page) {
    return page.rows().stream().map(row -> row.row().getLong("id")).toList();
  }

  @Test
  void aRowThatWasReadForUpdateIsNotChangedByOthersUnnoticed() {
    TableHandle people = open(people().build());
    add(people, 1, "a@x", "Ulm", 30);
    Transaction reader = world.await(client.begin());
    assertThat(world.await(people.getForUpdate(reader, 1L)).orElseThrow().getLong("age"))
        .isEqualTo(30);
    Transaction byIndex = world.await(client.begin());
    assertThat(world.await(people.index("by_mail").getForUpdate(byIndex, "a@x"))).isPresent();
    Transaction ofNothing = world.await(client.begin());
    assertThat(world.await(people.index("by_mail").getForUpdate(ofNothing, "b@x"))).isEmpty();

    world.await(
        people
            .autoCommit()
            .update(Row.builder().set("id", 1L).set("mail", "b@x").set("age", 31).build()));

    for (Transaction overtaken : List.of(reader, byIndex, ofNothing)) {
      assertThatThrownBy(() -> world.await(overtaken.commit()))
          .isInstanceOfSatisfying(
              ArrowraftException.class,
              failure -> assertThat(failure.code()).isEqualTo(ErrorCode.WRITE_CONFLICT));
    }
  }

  @Test
  void aRangeIsReadPageByPage() {
    TableHandle people = open(people().build());
    for (int i = 0; i < 25; i++) {
      add(people, i, "m" + i, "Ulm", i);
    }
    IndexHandle byCity = people.index("by_city");
    Snapshot snapshot = snapshot();
    RowPage page = world.await(byCity.scan(snapshot, IndexRange.equalTo("Ulm"), 10));
    List<Long> found = new ArrayList<>();
    page.rows().forEach(row -> found.add(row.row().getLong("id")));
    while (page.continuation().isPresent()) {
      page =
          world.await(
              byCity.scan(snapshot, IndexRange.equalTo("Ulm"), page.continuation().get(), 10));
      page.rows().forEach(row -> found.add(row.row().getLong("id")));
    }
    assertThat(found).hasSize(25).isSorted();
  }

  @Test
  void aTakenKeyIsRefusedByTableIndexAndKey() {
    TableHandle people = open(people().build());
    add(people, 1, "a@x", "Ulm", 1);
    assertFails(
        () -> add(people, 1, "b@x", "Ulm", 1),
        ErrorCode.KEY_EXISTS,
        "shop.people",
        "primary key (1)");
    assertFails(
        () -> add(people, 2, "a@x", "Ulm", 1),
        ErrorCode.KEY_EXISTS,
        "shop.people",
        "by_mail",
        "a@x");
    assertFails(
        () -> world.await(people.autoCommit().upsert(people.row(2L, "a@x", "Ulm", 1))),
        ErrorCode.KEY_EXISTS,
        "by_mail");
    add(people, 2, "b@x", "Ulm", 1);
    Row change = Row.builder().set("id", 2L).set("mail", "a@x").build();
    assertFails(
        () -> world.await(people.autoCommit().update(change)), ErrorCode.KEY_EXISTS, "by_mail");
    assertIndexesAreRight(people);
  }

  @Test
  void oneTransactionSeesAndRefusesItsOwnRows() {
    TableHandle people = open(people().build());
    Transaction transaction = world.await(client.begin());
    world.await(people.insert(transaction, people.row(1L, "a@x", "Ulm", 1)));
    assertFails(
        () -> world.await(people.insert(transaction, people.row(2L, "a@x", "Bonn", 1))),
        ErrorCode.KEY_EXISTS,
        "by_mail");
    assertThat(world.await(people.get(transaction, 2L))).as("nothing of it is left").isEmpty();
    assertThat(world.await(people.index("by_mail").get(transaction, "a@x"))).isPresent();
    assertThat(world.await(people.delete(transaction, 1L))).isTrue();
    world.await(people.insert(transaction, people.row(2L, "a@x", "Bonn", 1)));
    world.await(transaction.commit());
    assertThat(
            world.await(people.index("by_mail").get(snapshot(), "a@x")).orElseThrow().getLong("id"))
        .isEqualTo(2);
    assertIndexesAreRight(people);
  }

  @Test
  void ofTwoThatTakeOneUniqueKeyOneLoses() {
    TableHandle people = open(people().build());
    Transaction first = world.await(client.begin());
    Transaction second = world.await(client.begin());
    world.await(people.insert(first, people.row(1L, "a@x", "Ulm", 1)));
    world.await(people.insert(second, people.row(2L, "a@x", "Bonn", 1)));
    world.await(first.commit());
    assertFails(() -> world.await(second.commit()), ErrorCode.WRITE_CONFLICT);
    assertIndexesAreRight(people);
  }

  @Test
  void insertIgnoreAddsWhatIsFree() {
    TableHandle people = open(people().build());
    AutoCommit now = people.autoCommit();
    assertThat(world.await(now.insertIgnore(people.row(1L, "a@x", "Ulm", 1)))).isTrue();
    assertThat(world.await(now.insertIgnore(people.row(1L, "b@x", "Ulm", 1)))).isFalse();
    assertThat(world.await(now.insertIgnore(people.row(2L, "a@x", "Ulm", 1)))).isFalse();
    assertThat(world.await(now.insertIgnore(people.row(2L, null, "Ulm", 1)))).isTrue();
    assertThat(world.await(people.scan(snapshot(), 9)).rows()).hasSize(2);
    assertIndexesAreRight(people);
  }

  @Test
  void rowsAreReadInPartAndManyAtATime() {
    TableHandle people = open(people().build());
    for (int i = 0; i < 5; i++) {
      add(people, i, "m" + i, "Ulm", i);
    }
    List<StoredRow> some =
        world.await(people.getAll(snapshot(), List.of(List.of(3L), List.of(9L), List.of(1L))));
    assertThat(some).extracting(row -> row.row().getLong("id")).containsExactly(1L, 3L);
    RowPage page = world.await(people.scan(snapshot(), List.of("age", "Mail"), 2));
    assertThat(page.rows().get(1).row().columns()).containsExactly("age", "mail");
    assertThat(page.rows().get(1).row().values()).containsExactly(1, "m1");
    assertFails(
        () -> people.scan(snapshot(), List.of("height"), 2), ErrorCode.UNKNOWN_COLUMN, "height");
  }

  @Test
  void defaultsAndNumbersAreFilledIn() {
    TableHandle people =
        open(
            TableDefinition.named("shop.people")
                .required("id", DataType.BIGINT)
                .required("city", DataType.STRING, "Ulm")
                .column("age", DataType.INTEGER, 18)
                .primaryKey("id")
                .autoIncrement()
                .build());
    AutoCommit now = people.autoCommit();
    Row first = world.await(now.insert(Row.builder().build()));
    assertThat(first.values()).containsExactly(1L, "Ulm", 18);
    Row second = world.await(now.insert(Row.builder().set("id", null).set("age", null).build()));
    assertThat(second.values()).containsExactly(2L, "Ulm", null);
    world.await(now.insert(Row.builder().set("id", 3L).build()));
    world.await(now.insert(Row.builder().set("id", 50_000L).build()));
    Row next = world.await(now.insert(Row.builder().build()));
    assertThat(next.getLong("id")).isGreaterThan(3).isNotEqualTo(50_000L);
    TableHandle elsewhere = world.await(cluster.client().tables().open("shop.people"));
    Row other = world.await(elsewhere.autoCommit().insert(Row.builder().build()));
    assertThat(other.getLong("id")).isGreaterThan(50_000);
  }

  @Test
  void randomIdsAreSpreadAndDiffer() {
    TableHandle people =
        open(
            TableDefinition.named("shop.people")
                .required("id", DataType.BIGINT)
                .column("age", DataType.INTEGER)
                .primaryKey("id")
                .autoRandom()
                .build());
    Map<Long, Long> byShard = new TreeMap<>();
    for (int i = 0; i < 60; i++) {
      Row added = world.await(people.autoCommit().insert(Row.builder().set("age", i).build()));
      byShard.merge(added.getLong("id") >>> 58, 1L, Long::sum);
    }
    assertThat(byShard).hasSizeGreaterThan(8);
    assertThat(world.await(people.scan(snapshot(), 99)).rows()).hasSize(60);
  }

  @Test
  void aLoadFillsIndexesAndGivesOutIds() {
    TableHandle people = open(people().autoIncrement().build());
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      rows.add(Row.builder().set("mail", i % 3 == 0 ? null : "m" + i).set("city", "c").build());
    }
    LoadOptions options = new LoadOptions(50, 1 << 20, 3, 4096);
    assertThat(world.await(people.load(rows.iterator(), options, done -> {}))).isEqualTo(300);
    assertThat(world.await(people.scan(snapshot(), 999)).rows()).hasSize(300);
    assertThat(world.await(people.index("by_mail").get(snapshot(), "m100"))).isPresent();
    assertIndexesAreRight(people);
    List<Row> taken = List.of(Row.builder().set("mail", "m100").build());
    assertFails(
        () -> world.await(people.load(taken.iterator(), options, done -> {})),
        ErrorCode.KEY_EXISTS,
        "by_mail",
        "m100");
    assertIndexesAreRight(people);
  }

  @Test
  void idsForAKeyThatCannotTakeThemAreRefused() {
    assertFails(
        () ->
            client
                .tables()
                .createTable(
                    TableDefinition.named("a.b")
                        .required("x", DataType.STRING)
                        .primaryKey("x")
                        .autoIncrement()
                        .build()),
        ErrorCode.INVALID_SCHEMA,
        "integer primary key");
  }

  @Test
  void aCommitBeforeAWriteHasEndedIsRefused() {
    TableHandle people = open(people().build());
    add(people, 1, "a@x", "Ulm", 1);
    Transaction transaction = world.await(client.begin());
    CompletableFuture<Boolean> deleted = people.delete(transaction, 1L);
    assertFails(transaction::commit, ErrorCode.INVALID_ARGUMENT, "has not ended");
    world.await(deleted);
    world.await(transaction.commit());
    assertThat(world.await(people.get(snapshot(), 1L))).isEmpty();
  }

  /** Random writes, each compared with a map; now and then several in one transaction. */
  @ParameterizedTest
  @ValueSource(strings = {"integer", "composite", "hidden"})
  void randomWritesLeaveWhatAMapHolds(String kind) {
    TableHandle table = open(definition(kind));
    Random random = new Random(kind.hashCode());
    Map<Long, Row> oracle = new TreeMap<>();
    for (int round = 0; round < 150; round++) {
      Transaction transaction = world.await(client.begin());
      Map<Long, Row> after = new TreeMap<>(oracle);
      boolean refused = false;
      for (int i = 1 + random.nextInt(3); i > 0 && !refused; i--) {
        refused = !operate(table, transaction, random, after);
      }
      if (refused || random.nextInt(10) == 0) {
        transaction.rollback();
      } else {
        world.await(transaction.commit());
        oracle = after;
      }
    }
    world.await(client.transactions().idle());
    assertThat(oracle).isNotEmpty();
    Snapshot snapshot = snapshot();
    List<Row> found = new ArrayList<>();
    world.await(table.scan(snapshot, 9999)).rows().forEach(row -> found.add(row.row()));
    assertThat(found).containsExactlyInAnyOrderElementsOf(oracle.values());
    assertIndexesAreRight(table);
    for (Row row : oracle.values()) {
      if (!row.isNull("u")) {
        assertThat(world.await(table.index("by_u").get(snapshot, row.getLong("u")))).contains(row);
      }
    }
    for (int t = 0; t < 5; t++) {
      String text = "t" + t;
      assertThat(
              world.await(table.index("by_t").scan(snapshot, IndexRange.equalTo(text), 999)).rows())
          .extracting(StoredRow::row)
          .containsExactlyInAnyOrderElementsOf(
              oracle.values().stream().filter(row -> text.equals(row.get("t"))).toList());
    }
  }

  private static TableDefinition definition(String kind) {
    TableDefinition.Builder builder =
        TableDefinition.named("shop.things")
            .required("id", DataType.BIGINT)
            .required("name", DataType.STRING)
            .column("u", DataType.BIGINT)
            .column("t", DataType.STRING)
            .uniqueIndex("by_u", "u")
            .index("by_t", "t", "u");
    return switch (kind) {
      case "integer" -> builder.primaryKey("id").build();
      case "composite" -> builder.primaryKey("name", "id").build();
      default -> builder.build();
    };
  }

  /** Whether the write was one that the table had to take; the oracle has taken it too then. */
  private boolean operate(
      TableHandle table, Transaction transaction, Random random, Map<Long, Row> oracle) {
    long id = random.nextInt(30);
    Long unique = random.nextInt(4) == 0 ? null : Long.valueOf(random.nextInt(60));
    String text = random.nextInt(5) == 0 ? null : "t" + random.nextInt(5);
    Row row = table.row(id, "n" + id, unique, text);
    boolean clash =
        unique != null
            && oracle.values().stream()
                .anyMatch(
                    other -> Objects.equals(other.get("u"), unique) && other.getLong("id") != id);
    boolean present = oracle.containsKey(id);
    boolean hidden = table.hasHiddenRowId();
    switch (random.nextInt(5)) {
      case 0 -> {
        boolean added = world.await(table.insertIgnore(transaction, row));
        if (hidden && present) {
          return false; // a second row of the id: the oracle cannot keep it
        }
        assertThat(added).isEqualTo(!clash && !present);
        if (added) {
          oracle.put(id, row);
        }
      }
      case 1 -> {
        if (clash || present) {
          return false; // refused by the commit, which other tests look at
        }
        world.await(table.insert(transaction, row));
        oracle.put(id, row);
      }
      case 2 -> {
        if (clash || (hidden && !present)) {
          return false;
        }
        if (hidden) {
          world.await(table.updateAt(transaction, rowKey(table, transaction, id), row));
        } else {
          world.await(table.upsert(transaction, row));
        }
        oracle.put(id, row);
      }
      case 3 -> {
        if (clash || !present) {
          return false;
        }
        Row changes = Row.builder().set("id", id).set("name", "n" + id).set("u", unique).build();
        boolean found =
            world.await(
                hidden
                    ? table.updateAt(transaction, rowKey(table, transaction, id), changes)
                    : table.update(transaction, changes));
        assertThat(found).isTrue();
        oracle.put(id, table.row(id, "n" + id, unique, oracle.get(id).get("t")));
      }
      default -> {
        if (!present) {
          return false;
        }
        boolean found =
            world.await(
                hidden
                    ? table.deleteAt(transaction, rowKey(table, transaction, id))
                    : table.schema().primaryKeyColumns().size() == 1
                        ? table.delete(transaction, id)
                        : table.delete(transaction, "n" + id, id));
        assertThat(found).isTrue();
        oracle.remove(id);
      }
    }
    return true;
  }

  private io.arrowraft.runtime.Bytes rowKey(TableHandle table, Transaction transaction, long id) {
    return world.await(table.scan(transaction, 9999)).rows().stream()
        .filter(stored -> stored.row().getLong("id") == id)
        .min(Comparator.comparing(StoredRow::rowKey))
        .orElseThrow()
        .rowKey();
  }

  private TableHandle open(TableDefinition definition) {
    world.await(client.tables().createTable(definition));
    return world.await(client.tables().open(definition.name().toString()));
  }

  private void add(TableHandle people, long id, String mail, String city, Integer age) {
    world.await(people.autoCommit().insert(people.row(id, mail, city, age)));
  }

  private List<Long> ids(IndexHandle index, IndexRange range) {
    return world.await(index.scan(snapshot(), range, 99)).rows().stream()
        .map(row -> row.row().getLong("id"))
        .toList();
  }

  private void assertIndexesAreRight(TableHandle table) {
    world.await(client.transactions().idle());
    Snapshot snapshot = snapshot();
    for (var index : table.schema().indexes()) {
      TableAudit.Comparison found = audit.compare(snapshot, table.schema(), index.name());
      assertThat(found.stored()).as(index.name()).isEqualTo(found.due());
    }
  }

  private Snapshot snapshot() {
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
