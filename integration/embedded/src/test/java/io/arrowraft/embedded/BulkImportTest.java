package io.arrowraft.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.bulk.ImportOptions;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.table.Row;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.DataType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Imports into three replicas over gRPC and RocksDB. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BulkImportTest {
  private static final int ROWS = 20_000;

  /** Small slices, so that there are many of them. */
  private static final ImportOptions SLICES =
      ImportOptions.defaults().withSlices(64 << 10, 2, 8 << 10);

  private EmbeddedCluster cluster;
  private ArrowraftClient client;

  @BeforeAll
  void start(@TempDir Path directory) {
    cluster = EmbeddedCluster.start(EmbeddedOptions.defaults(directory));
    client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()));
  }

  @AfterAll
  void stop() {
    client.close();
    cluster.close();
  }

  @AfterEach
  void noFault() {
    cluster.check();
  }

  @Test
  void rowsInKeyOrderAreThereWhenTheImportEnds() {
    TableHandle table = table("sorted", true);
    List<Long> progress = new CopyOnWriteArrayList<>();

    long count =
        client.await(
            table.importRows(rows(table, numbers()), SLICES.ofSortedPairs(), progress::add));

    assertThat(count).isEqualTo(ROWS);
    assertThat(progress).isSorted().endsWith((long) ROWS).hasSizeGreaterThan(3);
    assertThat(names(table)).isEqualTo(numbers().stream().map(BulkImportTest::name).toList());
  }

  @Test
  void rowsInAnyOrderAreSortedFirst() {
    TableHandle table = table("shuffled", true);
    List<Integer> numbers = numbers();
    Collections.shuffle(numbers, new Random(3));

    long count =
        client.await(
            table.importRows(rows(table, numbers), SLICES.withSortBytes(200_000), done -> {}));

    assertThat(count).isEqualTo(ROWS);
    assertThat(names(table)).isEqualTo(numbers().stream().map(BulkImportTest::name).toList());
  }

  @Test
  void rowsOfATableWithoutPrimaryKeyKeepTheirOrder() {
    TableHandle table = table("hidden", false);

    client.await(table.importRows(rows(table, numbers()), SLICES, done -> {}));

    assertThat(names(table)).isEqualTo(numbers().stream().map(BulkImportTest::name).toList());
  }

  @Test
  void importedRowsAreChangedByTransactionsAfterwards() {
    TableHandle table = table("changed", true);
    client.await(table.importRows(rows(table, List.of(1, 2, 3)), SLICES, done -> {}));

    client.transact(
        transaction -> {
          table.upsert(transaction, table.row(2L, "other"));
          return null;
        });
    client.transact(transaction -> client.await(table.delete(transaction, 3L)));

    assertThat(names(table)).containsExactly(name(1), "other");
  }

  @Test
  void indexesAreFilledWithTheRows() {
    TableDefinition definition =
        TableDefinition.named("imports.indexed")
            .required("id", DataType.BIGINT)
            .required("name", DataType.STRING)
            .primaryKey("id")
            .uniqueIndex("by_name", "name")
            .build();
    TableHandle table =
        client.tables().handle(client.await(client.tables().createTable(definition)));

    long count =
        client.await(table.importRows(rows(table, numbers()), SLICES.ofSortedPairs(), done -> {}));

    assertThat(count).isEqualTo(ROWS);
    assertThat(names(table)).hasSize(ROWS);
    Snapshot snapshot = client.await(client.snapshot());
    assertThat(client.await(table.index("by_name").get(snapshot, name(77))).orElseThrow().get("id"))
        .isEqualTo(77L);
  }

  @Test
  void twoRowsWithOneKeyOfAUniqueIndexFailTheImport() {
    TableDefinition definition =
        TableDefinition.named("imports.indexed_twice")
            .required("id", DataType.BIGINT)
            .required("name", DataType.STRING)
            .primaryKey("id")
            .uniqueIndex("by_name", "name")
            .build();
    TableHandle table =
        client.tables().handle(client.await(client.tables().createTable(definition)));
    List<Row> rows = List.of(table.row(1L, "same"), table.row(2L, "same"));

    assertThatThrownBy(() -> client.await(table.importRows(rows.iterator(), SLICES, done -> {})))
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.KEY_EXISTS));
  }

  @Test
  void regionsThatSplitMeanwhileGetTheirRowsAllTheSame() {
    TableHandle table = table("splitting", true);
    List<CompletableFuture<Void>> splits = new CopyOnWriteArrayList<>();

    client.await(
        table.importRows(
            rows(table, numbers()),
            SLICES.ofSortedPairs(),
            done -> splits.add(client.split(KeySpace.TRANSACTIONAL, List.of(keyOf(table, done))))));
    splits.forEach(client::await);

    assertThat(splits.size()).isGreaterThan(3);
    assertThat(names(table)).hasSize(ROWS);
  }

  @Test
  void aTableThatHasRowsIsRefused() {
    TableHandle table = table("full", true);
    client.await(table.importRows(rows(table, List.of(1)), SLICES, done -> {}));

    assertThatThrownBy(
            () -> client.await(table.importRows(rows(table, List.of(2)), SLICES, done -> {})))
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.KEY_EXISTS));
    assertThat(names(table)).containsExactly(name(1));
  }

  @Test
  void twoRowsWithOneKeyFailTheImport() {
    TableHandle table = table("twice", true);

    assertThatThrownBy(
            () -> client.await(table.importRows(rows(table, List.of(5, 7, 5)), SLICES, done -> {})))
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.KEY_EXISTS));
  }

  @Test
  void rowsThatAreNotInTheOrderThatWasPromisedFailTheImport() {
    TableHandle table = table("disorder", true);

    assertThatThrownBy(
            () ->
                client.await(
                    table.importRows(
                        rows(table, List.of(5, 3)), SLICES.ofSortedPairs(), done -> {})))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("not in key order");
  }

  @Test
  void anImportThatIsCancelledEnds() {
    TableHandle table = table("cancelled", true);
    CompletableFuture<Void> begun = new CompletableFuture<>();
    Iterator<Integer> endless = IntStream.iterate(1, i -> i + 1).iterator();
    CompletableFuture<Long> loading =
        table.importRows(
            new Iterator<>() {
              @Override
              public boolean hasNext() {
                return true;
              }

              @Override
              public Row next() {
                int number = endless.next();
                return table.row((long) number, name(number));
              }
            },
            SLICES.ofSortedPairs(),
            done -> begun.complete(null));
    client.await(begun);

    loading.cancel(true);

    assertThat(loading).isCancelled();
    client.await(client.raw().put(Bytes.ofUtf8("alive"), Bytes.ofUtf8("yes")));
  }

  @Test
  void anImportThatDidNotEndIsResumedAndBringsEachRowOnce() {
    TableHandle table = table("resumed", true);
    List<Integer> half = numbers().subList(0, ROWS / 2);
    client.await(table.importRows(rows(table, half), SLICES.ofSortedPairs(), done -> {}));

    long count =
        client.await(
            table.importRows(
                rows(table, numbers()), SLICES.ofSortedPairs().resuming(), done -> {}));

    assertThat(count).isEqualTo(ROWS);
    assertThat(names(table)).isEqualTo(numbers().stream().map(BulkImportTest::name).toList());
  }

  @Test
  void anImportOfRowsWithoutKeysCannotBeResumed() {
    TableHandle table = table("keyless_resumed", false);

    assertThatThrownBy(
            () ->
                client.await(
                    table.importRows(rows(table, List.of(1)), SLICES.resuming(), done -> {})))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("cannot be resumed");
  }

  @Test
  void garbageCollectionStaysBelowAnImportUntilItEnds() {
    TableHandle table = table("held", true);
    List<String> claims = new CopyOnWriteArrayList<>();

    client.await(
        table.importRows(
            rows(table, numbers()), SLICES.ofSortedPairs(), done -> claims.add(claims())));

    assertThat(claims).isNotEmpty().allMatch(each -> each.contains("\"import-"));
    long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (claims().contains("\"import-")) {
      assertThat(System.nanoTime() - until).isNegative();
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }

  /** Who holds garbage collection back, as operators see it. */
  private String claims() {
    try {
      return HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(
                      URI.create("http://" + cluster.pdAddress() + "/pd/api/v1/gc/safepoint"))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException | InterruptedException broken) {
      throw new IllegalStateException(broken);
    }
  }

  @Test
  void rawPairsReplaceWhatIsThere() {
    client.await(client.raw().put(Bytes.ofUtf8("import-00001"), Bytes.ofUtf8("old")));
    Iterator<KeyValue> pairs =
        numbers().stream()
            .map(
                number ->
                    new KeyValue(
                        Bytes.ofUtf8("import-%05d".formatted(number)), Bytes.ofUtf8(name(number))))
            .iterator();

    long count = client.await(client.raw().bulkLoad(pairs, SLICES, done -> {}));

    assertThat(count).isEqualTo(ROWS);
    assertThat(client.await(client.raw().get(Bytes.ofUtf8("import-00001"))))
        .contains(Bytes.ofUtf8(name(1)));
    assertThat(
            client
                .await(client.raw().scan(Bytes.ofUtf8("import-"), Bytes.ofUtf8("import."), ROWS))
                .pairs())
        .isNotEmpty();
  }

  private TableHandle table(String name, boolean withKey) {
    TableDefinition.Builder definition =
        TableDefinition.named("imports." + name)
            .required("id", DataType.BIGINT)
            .required("name", DataType.STRING);
    if (withKey) {
      definition.primaryKey("id");
    }
    return client.tables().handle(client.await(client.tables().createTable(definition.build())));
  }

  private static Bytes keyOf(TableHandle table, long id) {
    return Bytes.wrap(io.arrowraft.table.TableKeys.rowKey(table.schema(), new Object[] {id}, 0));
  }

  private static List<Integer> numbers() {
    return new ArrayList<>(IntStream.range(0, ROWS).boxed().toList());
  }

  private static String name(int number) {
    // Now and then longer than what is stored inline.
    return "row " + number + (number % 100 == 0 ? "x".repeat(300) : "");
  }

  private static Iterator<Row> rows(TableHandle table, List<Integer> numbers) {
    return numbers.stream().map(number -> table.row((long) number, name(number))).iterator();
  }

  private List<String> names(TableHandle table) {
    Snapshot snapshot = client.await(client.snapshot());
    List<String> names = new ArrayList<>();
    var page = client.await(table.scan(snapshot, 5_000));
    page.rows().forEach(row -> names.add(row.row().get("name").toString()));
    while (page.continuation().isPresent()) {
      page = client.await(table.scan(snapshot, page.continuation().get(), 5_000));
      page.rows().forEach(row -> names.add(row.row().get("name").toString()));
    }
    return names;
  }
}
