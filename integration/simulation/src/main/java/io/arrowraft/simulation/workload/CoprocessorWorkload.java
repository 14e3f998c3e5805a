package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.RoutingException;
import io.arrowraft.client.table.Row;
import io.arrowraft.client.table.RowPage;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.coprocessor.plan.AggregateCall;
import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.coprocessor.plan.ScanColumn;
import io.arrowraft.coprocessor.read.ReadBatch;
import io.arrowraft.coprocessor.read.ReadFailedException;
import io.arrowraft.coprocessor.read.ReadLimits;
import io.arrowraft.coprocessor.read.ReadRequest;
import io.arrowraft.coprocessor.read.TableReader;
import io.arrowraft.coprocessor.read.TableReaders;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Async;
import io.arrowraft.simulation.check.CoprocessorHistory;
import io.arrowraft.simulation.check.Violation;
import io.arrowraft.table.DataType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;

/**
 * Money moves between rows of a table, and is added up by plans that run next to the data: as sums
 * of each region, and as rows, which have to be those that the client's own scan finds at the same
 * timestamp. Plans are run by the reader that the connector uses.
 */
public final class CoprocessorWorkload implements Workload {
  private static final String NAME = "coprocessor";
  private static final String TABLE = "simulation.counted";
  private static final long FIRST_BALANCE = 100;
  private static final int PAGE = 7;
  private static final Duration PATIENCE = Duration.ofSeconds(4);

  /** Few rows to a batch and little prefetched, so that streams are under way for long. */
  private static final int BATCH_ROWS = 4;

  private static final ReadLimits LIMITS =
      new ReadLimits(1, 2, 1 << 20, PATIENCE, PATIENCE, PATIENCE);

  /** Readers of a client's plans, which wait where waiting is possible. */
  public interface Readers {
    /** The readers of a client. */
    TableReaders of(ArrowraftClient client);

    /** Runs what waits, after what waits already. */
    <T> CompletableFuture<T> run(Supplier<T> program);
  }

  private final Readers readers;
  private final int accounts;
  private final CoprocessorHistory history;
  private final Remembered remembered = new Remembered();

  public CoprocessorWorkload(Readers readers, int accounts) {
    this.readers = readers;
    this.accounts = accounts;
    this.history = new CoprocessorHistory(NAME, accounts * FIRST_BALANCE);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    TableDefinition definition =
        TableDefinition.named(TABLE)
            .required("id", DataType.BIGINT)
            .required("balance", DataType.BIGINT)
            .primaryKey("id")
            .build();
    return client
        .tables()
        .createTable(definition)
        .<Void>thenApply(made -> null)
        .exceptionallyCompose(CoprocessorWorkload::passUnlessThere)
        .thenCompose(made -> client.tables().open(TABLE))
        .thenCompose(
            table ->
                client.retrying(
                    transaction -> {
                      CompletableFuture<Void> rows = CompletableFuture.completedFuture(null);
                      for (long id = 0; id < accounts; id++) {
                        Row row = table.row(id, FIRST_BALANCE);
                        rows = rows.thenCompose(done -> table.upsert(transaction, row));
                      }
                      return rows;
                    }));
  }

  private static CompletableFuture<Void> passUnlessThere(Throwable failure) {
    return Async.cause(failure) instanceof ArrowraftException refused
            && refused.code() == ErrorCode.TABLE_EXISTS
        ? CompletableFuture.completedFuture(null)
        : CompletableFuture.failedFuture(failure);
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    int dice = random.nextInt(100);
    long from = random.nextInt(accounts);
    long to = (from + 1 + random.nextInt(accounts - 1)) % accounts;
    long amount = random.nextInt(100) < 20 ? FIRST_BALANCE : 1 + random.nextInt(60);
    Optional<Timestamp> earlier = dice < 10 ? remembered.any(random) : Optional.empty();
    return client
        .tables()
        .open(TABLE)
        .thenCompose(
            table -> {
              if (earlier.isPresent()) {
                return remembered.readAt(earlier.get(), at -> read(client, table, at, dice % 3));
              }
              return dice < 40
                  ? client.timestamp().thenCompose(now -> read(client, table, now, dice % 3))
                  : transfer(client, table, from, to, amount);
            });
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    return client
        .tables()
        .open(TABLE)
        .thenCompose(
            table ->
                client
                    .timestamp()
                    .thenCompose(
                        now ->
                            read(client, table, now, 0)
                                .thenCompose(summed -> read(client, table, now, 1))
                                .thenCompose(rows -> read(client, table, now, 2))));
  }

  @Override
  public List<Violation> check() {
    return history.check();
  }

  private static CompletableFuture<Void> transfer(
      ArrowraftClient client, TableHandle table, long from, long to, long amount) {
    return client
        .begin()
        .thenCompose(
            transaction ->
                table
                    .getAll(transaction, List.of(List.of(from), List.of(to)))
                    .thenCompose(
                        found -> {
                          SortedMap<Long, Long> balances = new TreeMap<>();
                          found.forEach(each -> put(balances, each.row()));
                          return move(table, transaction, balances, from, to, amount);
                        })
                    .thenCompose(moved -> transaction.commit()))
        .thenAccept(committed -> {});
  }

  private static CompletableFuture<Void> move(
      TableHandle table,
      Transaction transaction,
      SortedMap<Long, Long> balances,
      long from,
      long to,
      long amount) {
    long left = balances.getOrDefault(from, 0L) - amount;
    if (left < 0) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> taken =
        left == 0
            ? table.delete(transaction, from).thenAccept(found -> {})
            : table.upsert(transaction, table.row(from, left));
    long there = balances.getOrDefault(to, 0L) + amount;
    return taken.thenCompose(done -> table.upsert(transaction, table.row(to, there)));
  }

  private CompletableFuture<Void> read(
      ArrowraftClient client, TableHandle table, Timestamp at, int way) {
    CompletableFuture<Void> reading =
        switch (way) {
          case 0 ->
              readers
                  .run(() -> sums(client, table, at))
                  .thenAccept(sums -> history.sums(at.value(), "a plan's sum", sums));
          case 1 ->
              readers
                  .run(() -> rows(client, table, at))
                  .thenAccept(rows -> history.rows(at.value(), "a plan's scan", rows));
          default ->
              rows(table, client.snapshotAt(at))
                  .thenAccept(rows -> history.rows(at.value(), "the client's scan", rows));
        };
    return reading
        .thenAccept(done -> remembered.add(at))
        .exceptionallyCompose(failure -> CompletableFuture.failedFuture(typed(failure)));
  }

  /** A reader has reasons of its own; one that a plan may not have is a violation. */
  private Throwable typed(Throwable failure) {
    Throwable cause = Async.cause(failure);
    if (!(cause instanceof ReadFailedException failed)) {
      return cause;
    }
    String message = String.valueOf(failed.getMessage());
    if (message.contains("safe point")) {
      return new RoutingException(ErrorCode.TIMESTAMP_TOO_OLD, message, failed);
    }
    if (failed.code() != ReadFailedException.Code.TIMED_OUT) {
      history.broken("a plan failed: %s: %s", failed.code(), message);
    }
    return new RoutingException(ErrorCode.REGION_UNAVAILABLE, message, failed);
  }

  private CoprocessorHistory.Sums sums(ArrowraftClient client, TableHandle table, Timestamp at) {
    Expression balance = Expression.column(0, DataType.BIGINT);
    PlanNode plan =
        new PlanNode.PartialAggregation(
            scan(table, "balance"),
            List.of(),
            List.of(
                AggregateCall.countAll(), AggregateCall.sum(balance), AggregateCall.min(balance)));
    List<List<Long>> parts =
        pull(client, table, at, PlanRequest.of(plan)).stream()
            // A region without rows has nothing to add up, which is NULL.
            .filter(part -> part.get(0) > 0)
            .toList();
    return new CoprocessorHistory.Sums(
        parts.stream().mapToLong(part -> part.get(0)).sum(),
        parts.stream().mapToLong(part -> part.get(1)).sum(),
        parts.stream().mapToLong(part -> part.get(2)).min().orElse(0));
  }

  private SortedMap<Long, Long> rows(ArrowraftClient client, TableHandle table, Timestamp at) {
    SortedMap<Long, Long> balances = new TreeMap<>();
    PlanRequest plan = PlanRequest.of(scan(table, "id", "balance")).withBatchRowsMax(BATCH_ROWS);
    for (List<Long> row : pull(client, table, at, plan)) {
      if (balances.put(row.get(0), row.get(1)) != null) {
        history.broken("at %d a plan's scan has row %d twice", at.value(), row.get(0));
      }
    }
    return balances;
  }

  private static PlanNode scan(TableHandle table, String... columns) {
    List<ScanColumn> wanted = new ArrayList<>();
    for (String column : columns) {
      wanted.add(ScanColumn.of(table.schema(), table.schema().column(column).orElseThrow()));
    }
    return new PlanNode.TableScan(table.schema().tableId(), wanted, false);
  }

  /** All rows of the result, of numbers alone; null is 0. */
  private List<List<Long>> pull(
      ArrowraftClient client, TableHandle table, Timestamp at, PlanRequest plan) {
    List<List<Long>> rows = new ArrayList<>();
    ReadRequest request = new ReadRequest(plan, List.of(table.range()), at, LIMITS);
    try (TableReader reader = readers.of(client).open(request)) {
      for (Optional<ReadBatch> batch = reader.next(); batch.isPresent(); batch = reader.next()) {
        for (int row = 0; row < batch.get().rowCount(); row++) {
          List<Long> values = new ArrayList<>();
          for (FieldVector vector : batch.get().vectors()) {
            BigIntVector numbers = (BigIntVector) vector;
            values.add(numbers.isNull(row) ? 0L : numbers.get(row));
          }
          rows.add(values);
        }
      }
    }
    return rows;
  }

  private static CompletableFuture<SortedMap<Long, Long>> rows(
      TableHandle table, Snapshot snapshot) {
    SortedMap<Long, Long> balances = new TreeMap<>();
    return table.scan(snapshot, PAGE).thenCompose(page -> more(table, snapshot, page, balances));
  }

  private static CompletableFuture<SortedMap<Long, Long>> more(
      TableHandle table, Snapshot snapshot, RowPage page, SortedMap<Long, Long> balances) {
    page.rows().forEach(each -> put(balances, each.row()));
    return page.continuation().isEmpty()
        ? CompletableFuture.completedFuture(balances)
        : table
            .scan(snapshot, page.continuation().get(), PAGE)
            .thenCompose(next -> more(table, snapshot, next, balances));
  }

  private static void put(SortedMap<Long, Long> balances, Row row) {
    balances.put(row.getLong("id"), row.getLong("balance"));
  }
}
