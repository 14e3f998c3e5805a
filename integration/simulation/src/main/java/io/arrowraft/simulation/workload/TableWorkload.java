package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.table.LoadOptions;
import io.arrowraft.client.table.Row;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.check.Outcome;
import io.arrowraft.simulation.check.SetHistory;
import io.arrowraft.simulation.check.Violation;
import io.arrowraft.table.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Rows of a table: added singly, together and in bulk, changed in a column that nobody else looks
 * at, and read by key and by scan. What was added stays, so the rows are a set.
 */
public final class TableWorkload implements Workload {
  private static final String TABLE = "simulation.things";
  private static final TableDefinition DEFINITION =
      TableDefinition.named(TABLE)
          .required("id", DataType.BIGINT)
          .required("twice", DataType.BIGINT)
          .column("note", DataType.STRING)
          .primaryKey("id")
          .build();
  private static final int PAGE = 50;

  private final LongSupplier clock;
  private final int rowsMax;
  private final SetHistory history = new SetHistory();
  private final Map<Long, Long> pending = new TreeMap<>();
  private final List<Violation> violations = new ArrayList<>();
  private long nextRow = 1;

  /**
   * @param clock the world's, for the order of operations
   * @param rowsMax additions beyond it become readings
   */
  public TableWorkload(LongSupplier clock, int rowsMax) {
    this.clock = clock;
    this.rowsMax = rowsMax;
  }

  @Override
  public String name() {
    return "table";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return client
        .tables()
        .tables()
        .thenCompose(
            found ->
                found.stream().noneMatch(table -> table.toString().equals(TABLE))
                    ? client.tables().createTable(DEFINITION).thenAccept(made -> {})
                    : CompletableFuture.completedFuture(null));
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    int dice = random.nextInt(100);
    return client
        .tables()
        .open(TABLE)
        .thenCompose(
            table -> {
              if (nextRow < rowsMax && dice < 40) {
                return add(client, table, 1 + random.nextInt(4));
              }
              if (nextRow < rowsMax && dice < 45) {
                return load(table, 20);
              }
              if (dice < 60) {
                return change(client, table, 1 + random.nextLong(nextRow));
              }
              if (dice < 80) {
                return get(client, table, 1 + random.nextLong(nextRow));
              }
              return dice < 82 ? look(client) : readAll(client);
            });
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    long invokedAt = clock.getAsLong();
    SortedSet<Long> elements = new TreeSet<>();
    return client
        .tables()
        .open(TABLE)
        .thenCompose(
            table ->
                client
                    .snapshot()
                    .thenCompose(
                        snapshot ->
                            scan(
                                table,
                                snapshot,
                                Bytes.wrap(table.range().start().toByteArray()),
                                elements)))
        .thenAccept(done -> history.read(invokedAt, clock.getAsLong(), elements));
  }

  @Override
  public List<Violation> check() {
    // Those that a client left behind when it died.
    pending.forEach((row, at) -> history.added(row, at, clock.getAsLong(), Outcome.UNKNOWN));
    pending.clear();
    List<Violation> all = new ArrayList<>(violations);
    history.check().forEach(each -> all.add(new Violation("table", each.text())));
    return all;
  }

  private CompletableFuture<Void> scan(
      TableHandle table, Snapshot snapshot, Bytes from, SortedSet<Long> elements) {
    return table
        .scan(snapshot, from, PAGE)
        .thenCompose(
            page -> {
              page.rows().forEach(row -> elements.add(checked(row.row())));
              return page.continuation().isEmpty()
                  ? CompletableFuture.completedFuture(null)
                  : scan(table, snapshot, page.continuation().get(), elements);
            });
  }

  private long checked(Row row) {
    long id = row.getLong("id");
    if (row.getLong("twice") != 2 * id) {
      violations.add(new Violation("table", "a row is not as it was written: " + row));
    }
    return id;
  }

  private CompletableFuture<Void> add(ArrowraftClient client, TableHandle table, int count) {
    List<Row> rows = newRows(table, count);
    return noted(
        rows,
        client
            .begin()
            .thenCompose(
                transaction ->
                    table
                        .insertAll(transaction, rows)
                        .thenCompose(done -> transaction.commit())
                        .thenAccept(committed -> {})));
  }

  private CompletableFuture<Void> load(TableHandle table, int count) {
    List<Row> rows = newRows(table, count);
    long invokedAt = clock.getAsLong();
    return table
        .load(rows.iterator(), LoadOptions.defaults(), done -> {})
        .handle(
            (loaded, failure) -> {
              // One that failed may have been carried out in part.
              Outcome outcome = failure == null ? Outcome.OK : Outcome.UNKNOWN;
              for (Row row : rows) {
                pending.remove(row.getLong("id"));
                history.added(row.getLong("id"), invokedAt, clock.getAsLong(), outcome);
              }
              return failure;
            })
        .thenCompose(TableWorkload::passOn);
  }

  private List<Row> newRows(TableHandle table, int count) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long id = nextRow++;
      pending.put(id, clock.getAsLong());
      rows.add(table.row(id, 2 * id, id % 3 == 0 ? null : "row " + id));
    }
    return rows;
  }

  private CompletableFuture<Void> noted(List<Row> rows, CompletableFuture<Void> writing) {
    long invokedAt = clock.getAsLong();
    return writing
        .handle(
            (done, failure) -> {
              Outcome outcome = Outcomes.of(failure);
              for (Row row : rows) {
                pending.remove(row.getLong("id"));
                history.added(row.getLong("id"), invokedAt, clock.getAsLong(), outcome);
              }
              return failure;
            })
        .thenCompose(TableWorkload::passOn);
  }

  private static CompletableFuture<Void> passOn(Throwable failure) {
    return failure == null
        ? CompletableFuture.completedFuture(null)
        : CompletableFuture.failedFuture(Async.cause(failure));
  }

  private CompletableFuture<Void> change(ArrowraftClient client, TableHandle table, long id) {
    Row changes = Row.builder().set("id", id).set("note", "at " + clock.getAsLong()).build();
    return client
        .begin()
        .thenCompose(
            (Transaction transaction) ->
                table
                    .update(transaction, changes)
                    .thenCompose(found -> transaction.commit())
                    .thenAccept(committed -> {}));
  }

  private CompletableFuture<Void> get(ArrowraftClient client, TableHandle table, long id) {
    return client
        .snapshot()
        .thenCompose(snapshot -> table.get(snapshot, id))
        .thenAccept(found -> found.ifPresent(this::checked));
  }

  /** What tools ask, and a table that is there already. */
  private static CompletableFuture<Void> look(ArrowraftClient client) {
    return client
        .tables()
        .namespaces()
        .thenCompose(names -> client.tables().tables("simulation"))
        .thenCompose(
            names ->
                client
                    .tables()
                    .createTable(DEFINITION)
                    .handle(
                        (made, refused) ->
                            Async.cause(refused) instanceof ArrowraftException
                                ? null
                                : new IllegalStateException("a table was made twice", refused)))
        .thenCompose(TableWorkload::passOn);
  }
}
