package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.table.Row;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.client.table.TableDefinition.ColumnDefinition;
import io.arrowraft.client.table.TableDefinition.IndexDefinition;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.client.table.change.JobProgress;
import io.arrowraft.client.table.change.ReclaimProgress;
import io.arrowraft.client.table.change.SchemaChanges;
import io.arrowraft.client.table.change.SchemaJob;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.client.txn.WritableTransaction;
import io.arrowraft.pd.client.PdException;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Async;
import io.arrowraft.simulation.check.IndexHistory;
import io.arrowraft.simulation.check.Outcome;
import io.arrowraft.simulation.check.VersionHistory;
import io.arrowraft.simulation.check.Violation;
import io.arrowraft.table.DataType;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * A table whose indexes and columns come and go while rows are written, by transactions that are
 * quick or slow and by clients that have heard of the changes or not. Several clients carry out the
 * same changes, and those that die leave theirs to the others. Whenever somebody looks, the indexes
 * fit the rows, and the rows are those that were committed.
 */
public final class SchemaWorkload implements Workload {
  private static final TableName TABLE = new TableName("simulation", "changing");
  private static final TableDefinition DEFINITION =
      TableDefinition.named(TABLE.toString())
          .required("id", DataType.BIGINT)
          .required("tag", DataType.BIGINT)
          .required("writer", DataType.BIGINT)
          .primaryKey("id")
          .index("by_tag", "tag")
          .build();
  private static final List<IndexDefinition> INDEXES =
      List.of(
          new IndexDefinition("by_tag", false, List.of("tag")),
          new IndexDefinition("by_writer", true, List.of("writer")),
          new IndexDefinition("by_both", false, List.of("tag", "writer")));
  private static final ColumnDefinition EXTRA =
      new ColumnDefinition("extra", DataType.BIGINT, false, Optional.of(7L));
  private static final int ROWS = 24;
  private static final int TAGS = 4;
  private static final int CHANGES_MAX = 12;

  /** Longer than two steps of a change take. */
  private static final int SLOW_MAX_MILLIS = 7_000;

  private final IndexHistory indexes = new IndexHistory();
  private final VersionHistory rows = new VersionHistory();
  private final Remembered remembered = new Remembered();
  private final List<Violation> violations = new ArrayList<>();
  private final List<Opened> opened = new ArrayList<>();
  private final Standstill standstill = new Standstill();
  private final boolean collects;
  private long nextWriter = VersionHistory.ABSENT + 1;
  private int changes;
  private boolean changesEnded;

  /** What a transaction does to a row. */
  private interface Writing {
    /** Whether there was anything to write: a row that is not there cannot be deleted. */
    CompletableFuture<Boolean> run(WritableTransaction transaction);
  }

  /** The table as a client has opened it, which may have died since. */
  private record Opened(ArrowraftClient client, TableHandle table) {}

  /** How a transaction ended well. */
  private record Committed(boolean wrote, Timestamp timestamp) {}

  /**
   * @param collects whether garbage is collected within seconds, and with it what was dropped
   */
  public SchemaWorkload(boolean collects) {
    this.collects = collects;
  }

  @Override
  public String name() {
    return "schema";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return client
        .tables()
        .tables()
        .thenCompose(
            found ->
                found.contains(TABLE)
                    ? CompletableFuture.completedFuture(null)
                    : client.tables().createTable(DEFINITION).thenAccept(made -> {}));
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    int dice = random.nextInt(100);
    if (dice < 65) {
      return opened(client).thenCompose(table -> write(client, table, random));
    }
    if (dice < 75) {
      return changes < CHANGES_MAX ? change(client, random) : help(client);
    }
    if (dice < 82) {
      return help(client);
    }
    Optional<Timestamp> earlier = dice < 90 ? remembered.any(random) : Optional.empty();
    return earlier.isPresent()
        ? remembered.readAt(earlier.get(), timestamp -> look(client, client.snapshotAt(timestamp)))
        : client.snapshot().thenCompose(snapshot -> look(client, snapshot));
  }

  /** Ends all changes first. What was dropped goes once garbage collection has passed it. */
  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    changes = CHANGES_MAX;
    return standstill
        .look(client)
        .thenCompose(
            still ->
                still
                    ? client.snapshot().thenCompose(snapshot -> look(client, snapshot))
                    : endAll(client));
  }

  private CompletableFuture<Void> endAll(ArrowraftClient client) {
    SchemaChanges all = client.tables().changes();
    return all.resume()
        .thenCompose(resumed -> all.active())
        .thenAccept(SchemaWorkload::mustHaveEnded)
        .thenCompose(ended -> all.reclaims())
        .thenCompose(left -> client.snapshot().thenCompose(now -> lookAtEnd(client, now, left)));
  }

  private CompletableFuture<Void> lookAtEnd(
      ArrowraftClient client, Snapshot snapshot, List<ReclaimProgress> left) {
    boolean hadItsTime = changesEnded;
    changesEnded = true;
    if (collects && hadItsTime && !left.isEmpty()) {
      throw new IllegalStateException("ranges that are to be reclaimed: " + left);
    }
    return look(client, snapshot)
        .thenCompose(looked -> client.tables().schema(snapshot, TABLE))
        .thenCompose(
            schema ->
                left.isEmpty()
                    ? new TableAudit(indexes, snapshot, schema).lookForRemains()
                    : CompletableFuture.completedFuture(null));
  }

  private static void mustHaveEnded(List<JobProgress> active) {
    if (!active.isEmpty()) {
      throw new IllegalStateException("schema changes that have not ended: " + active);
    }
  }

  @Override
  public List<Violation> check() {
    List<Violation> all = new ArrayList<>(violations);
    all.addAll(indexes.check());
    rows.check().forEach(each -> all.add(new Violation("schema", each.text())));
    return all;
  }

  // Changes.

  /** One at a time, so that they end soon; whoever asks does not wait, and may die. */
  private CompletableFuture<Void> change(ArrowraftClient client, RandomGenerator random) {
    int what = random.nextInt(INDEXES.size() + 1);
    boolean cancels = random.nextInt(100) < 15;
    return client
        .tables()
        .changes()
        .active()
        .thenCombine(
            client.tables().open(TABLE.toString()),
            (active, table) -> active.isEmpty() ? Optional.of(table.schema()) : none())
        .thenCompose(
            schema ->
                schema.isEmpty()
                    ? CompletableFuture.completedFuture(null)
                    : submit(client, schema.get(), what)
                        .thenCompose(
                            job -> {
                              watch(job.done());
                              return cancels
                                  ? job.cancel()
                                  : CompletableFuture.completedFuture(null);
                            }));
  }

  private static Optional<TableSchema> none() {
    return Optional.empty();
  }

  private CompletableFuture<SchemaJob> submit(
      ArrowraftClient client, TableSchema schema, int what) {
    changes++;
    String table = TABLE.toString();
    if (what == INDEXES.size()) {
      return schema.column(EXTRA.name()).isEmpty()
          ? client.tables().addColumn(table, EXTRA)
          : client.tables().dropColumn(table, EXTRA.name());
    }
    IndexDefinition index = INDEXES.get(what);
    return schema.index(index.name()).isEmpty()
        ? client.tables().addIndex(table, index)
        : client.tables().dropIndex(table, index.name());
  }

  /** Carries out, without waiting, what others have begun and perhaps left behind. */
  private CompletableFuture<Void> help(ArrowraftClient client) {
    return client
        .tables()
        .changes()
        .active()
        .thenAccept(
            active -> active.forEach(job -> watch(client.tables().changes().carryOut(job.id()))));
  }

  /** A change may fail, but only as the client says. */
  private void watch(CompletableFuture<Void> change) {
    change.whenComplete(
        (done, failure) -> {
          Throwable cause = failure == null ? null : Async.cause(failure);
          if (cause != null
              && !(cause instanceof ArrowraftException)
              && !(cause instanceof PdException)) {
            violations.add(new Violation("schema", "a change failed without a type: " + cause));
          }
        });
  }

  // Rows.

  /** As programs do it: once, whatever happens to the table later. */
  private CompletableFuture<TableHandle> opened(ArrowraftClient client) {
    Optional<Opened> known = opened.stream().filter(each -> each.client() == client).findFirst();
    return known.isPresent()
        ? CompletableFuture.completedFuture(known.get().table())
        : client
            .tables()
            .open(TABLE.toString())
            .whenComplete(
                (table, failure) -> {
                  if (failure == null) {
                    opened.add(new Opened(client, table));
                  }
                });
  }

  private CompletableFuture<Void> write(
      ArrowraftClient client, TableHandle table, RandomGenerator random) {
    long writer = nextWriter++;
    int id = random.nextInt(ROWS);
    boolean deletes = random.nextInt(100) < 25;
    boolean updates = random.nextBoolean();
    Row row = row(table, id, writer, random);
    Writing writing =
        deletes
            ? transaction -> table.delete(transaction, (long) id)
            : transaction ->
                (updates ? put(table, transaction, row) : table.upsert(transaction, row))
                    .thenApply(written -> true);
    int slowMillis = random.nextInt(100) < 20 ? random.nextInt(SLOW_MAX_MILLIS) : 0;
    SortedSet<Integer> one = new TreeSet<>(List.of(id));
    SortedSet<Integer> nothing = new TreeSet<>();
    rows.invoked(writer, deletes ? nothing : one, deletes ? one : nothing);
    return commit(client, writing, slowMillis, random.nextInt(100) < 65)
        .handle((committed, failure) -> ended(writer, committed, failure))
        .thenCompose(
            failure ->
                failure == null
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(Async.cause(failure)));
  }

  private static Row row(TableHandle table, long id, long writer, RandomGenerator random) {
    Row.Builder row =
        Row.builder().set("id", id).set("tag", (long) random.nextInt(TAGS)).set("writer", writer);
    if (table.schema().column(EXTRA.name()).isPresent() && random.nextBoolean()) {
      row.set(EXTRA.name(), (long) random.nextInt(TAGS));
    }
    return row.build();
  }

  /** Changes the row that is there, or adds one. */
  private static CompletableFuture<Void> put(
      TableHandle table, WritableTransaction transaction, Row row) {
    return table
        .update(transaction, row)
        .thenCompose(
            found ->
                found ? CompletableFuture.completedFuture(null) : table.insert(transaction, row));
  }

  private static CompletableFuture<Committed> commit(
      ArrowraftClient client, Writing writing, int slowMillis, boolean optimistic) {
    CompletableFuture<? extends WritableTransaction> begun =
        optimistic ? client.begin() : client.beginPessimistic();
    return begun.thenCompose(
        transaction ->
            writing
                .run(transaction)
                .thenCompose(
                    wrote ->
                        linger(client, slowMillis)
                            .thenCompose(later -> transaction.commit())
                            .thenApply(timestamp -> new Committed(wrote, timestamp)))
                .whenComplete((committed, failure) -> transaction.rollback()));
  }

  private static CompletableFuture<Void> linger(ArrowraftClient client, int millis) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    client.transactions().later(Duration.ofMillis(millis), () -> over.complete(null));
    return over;
  }

  private Throwable ended(long writer, Committed committed, Throwable failure) {
    Outcome outcome = Outcomes.of(failure);
    if (outcome == Outcome.OK && committed.wrote()) {
      rows.committed(writer, committed.timestamp().value());
    } else if (outcome != Outcome.UNKNOWN) {
      rows.failed(writer);
    }
    return failure;
  }

  private CompletableFuture<Void> look(ArrowraftClient client, Snapshot snapshot) {
    return client
        .tables()
        .schema(snapshot, TABLE)
        .thenCompose(
            schema ->
                new TableAudit(indexes, snapshot, schema)
                    .compare()
                    .thenAccept(found -> note(snapshot, schema.asWritten(), found)));
  }

  private void note(Snapshot snapshot, TableSchema schema, List<TableAudit.StoredRow> stored) {
    int id = schema.columns().indexOf(schema.column("id").orElseThrow());
    int writer = schema.columns().indexOf(schema.column("writer").orElseThrow());
    SortedMap<Integer, Long> found = new TreeMap<>();
    for (int row = 0; row < ROWS; row++) {
      found.put(row, VersionHistory.ABSENT);
    }
    stored.forEach(
        row ->
            found.put(
                ((Number) row.values()[id]).intValue(),
                ((Number) row.values()[writer]).longValue()));
    rows.read(snapshot.timestamp().value(), found);
    remembered.add(snapshot.timestamp());
  }
}
