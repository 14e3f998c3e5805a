package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.table.Row;
import io.arrowraft.client.table.RowPage;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.client.txn.TransactionalReader;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.check.BankHistory;
import io.arrowraft.simulation.check.Violation;
import io.arrowraft.table.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;

/**
 * Money moves between accounts of several tables, each of which begins with a region of its own;
 * the rows of empty accounts are deleted. Readers add up all tables, by scans or by keys, now and
 * again at an older time.
 */
public final class TableBankWorkload implements Workload {
  private static final int TABLES = 3;
  private static final long FIRST_BALANCE = 60;

  private final int accountsEach;
  private final BankHistory history;
  private final Remembered remembered = new Remembered();

  private record Account(int table, long id) {}

  public TableBankWorkload(int accountsEach) {
    this.accountsEach = accountsEach;
    this.history =
        new BankHistory(TABLES * accountsEach, (long) TABLES * accountsEach * FIRST_BALANCE);
  }

  @Override
  public String name() {
    return "table-bank";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
    for (int table = 0; table < TABLES; table++) {
      int next = table;
      all =
          all.thenCompose(done -> create(client, next))
              .thenCompose(done -> client.tables().open(table(next)))
              .thenCompose(handle -> fill(client, handle));
    }
    return all;
  }

  private static CompletableFuture<Void> create(ArrowraftClient client, int table) {
    TableDefinition definition =
        TableDefinition.named(table(table))
            .required("id", DataType.BIGINT)
            .required("balance", DataType.BIGINT)
            .primaryKey("id")
            .build();
    return client
        .tables()
        .createTable(definition)
        .<Void>thenApply(made -> null)
        .exceptionallyCompose(
            failure ->
                Async.cause(failure) instanceof ArrowraftException refused
                        && refused.code() == ErrorCode.TABLE_EXISTS
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(failure));
  }

  private CompletableFuture<Void> fill(ArrowraftClient client, TableHandle table) {
    return client
        .split(KeySpace.TRANSACTIONAL, List.of(Bytes.wrap(table.range().start().toByteArray())))
        .thenCompose(
            split ->
                client.retrying(
                    transaction -> {
                      CompletableFuture<Void> rows = CompletableFuture.completedFuture(null);
                      for (long id = 0; id < accountsEach; id++) {
                        Row row = table.row(id, FIRST_BALANCE);
                        rows = rows.thenCompose(done -> table.upsert(transaction, row));
                      }
                      return rows;
                    }));
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    int dice = random.nextInt(100);
    boolean byScan = random.nextBoolean();
    if (dice < 20) {
      return client.snapshot().thenCompose(snapshot -> read(client, snapshot, byScan));
    }
    Optional<Timestamp> earlier = dice < 30 ? remembered.any(random) : Optional.empty();
    if (earlier.isPresent()) {
      return remembered.readAt(
          earlier.get(), timestamp -> read(client, client.snapshotAt(timestamp), byScan));
    }
    int fromTable = random.nextInt(TABLES);
    Account from = new Account(fromTable, random.nextLong(accountsEach));
    Account to =
        new Account(
            (fromTable + 1 + random.nextInt(TABLES - 1)) % TABLES, random.nextLong(accountsEach));
    long amount = random.nextInt(100) < 15 ? FIRST_BALANCE : 1 + random.nextInt(30);
    return transfer(client, from, to, amount);
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    return client.snapshot().thenCompose(snapshot -> read(client, snapshot, true));
  }

  @Override
  public List<Violation> check() {
    return history.check().stream().map(each -> new Violation("table-bank", each.text())).toList();
  }

  private static CompletableFuture<Void> transfer(
      ArrowraftClient client, Account from, Account to, long amount) {
    CompletableFuture<TableHandle> source = client.tables().open(table(from.table()));
    CompletableFuture<TableHandle> target = client.tables().open(table(to.table()));
    return client
        .begin()
        .thenCompose(
            transaction ->
                source
                    .thenCombine(target, List::of)
                    .thenCompose(
                        tables -> move(transaction, tables.get(0), from, tables.get(1), to, amount))
                    .thenCompose(moved -> transaction.commit()))
        .thenAccept(committed -> {});
  }

  private static CompletableFuture<Void> move(
      Transaction transaction,
      TableHandle source,
      Account from,
      TableHandle target,
      Account to,
      long amount) {
    return balance(source, transaction, from)
        .thenCompose(
            available ->
                available < amount
                    ? CompletableFuture.completedFuture(null)
                    : balance(target, transaction, to)
                        .thenCompose(
                            there ->
                                set(source, transaction, from, available - amount)
                                    .thenCompose(
                                        taken -> set(target, transaction, to, there + amount))));
  }

  private static CompletableFuture<Long> balance(
      TableHandle table, TransactionalReader reader, Account account) {
    return table
        .get(reader, account.id())
        .thenApply(row -> row.map(found -> found.getLong("balance")).orElse(0L));
  }

  private static CompletableFuture<Void> set(
      TableHandle table, Transaction transaction, Account account, long balance) {
    return balance == 0
        ? table.delete(transaction, account.id()).thenAccept(found -> {})
        : table.upsert(transaction, table.row(account.id(), balance));
  }

  private CompletableFuture<Void> read(
      ArrowraftClient client, TransactionalReader reader, boolean byScan) {
    SortedMap<Long, Long> balances = new TreeMap<>();
    for (long account = 0; account < (long) TABLES * accountsEach; account++) {
      balances.put(account, 0L);
    }
    CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
    for (int table = 0; table < TABLES; table++) {
      long first = (long) table * accountsEach;
      CompletableFuture<TableHandle> opened = client.tables().open(table(table));
      all =
          all.thenCompose(done -> opened)
              .thenCompose(handle -> rows(handle, reader, byScan))
              .thenAccept(
                  rows ->
                      rows.forEach(
                          row -> balances.put(first + row.getLong("id"), row.getLong("balance"))));
    }
    return all.thenAccept(
        done -> {
          history.add(new BankHistory.Snapshot(reader.timestamp().value(), balances));
          remembered.add(reader.timestamp());
        });
  }

  private CompletableFuture<List<Row>> rows(
      TableHandle table, TransactionalReader reader, boolean byScan) {
    List<Row> rows = new ArrayList<>();
    if (byScan) {
      return table.scan(reader, 2).thenCompose(page -> more(table, reader, page, rows));
    }
    List<List<Long>> keys = LongStream.range(0, accountsEach).mapToObj(List::of).toList();
    return table
        .getAll(reader, keys)
        .thenApply(
            found -> {
              found.forEach(each -> rows.add(each.row()));
              return rows;
            });
  }

  private static CompletableFuture<List<Row>> more(
      TableHandle table, TransactionalReader reader, RowPage page, List<Row> rows) {
    page.rows().forEach(each -> rows.add(each.row()));
    return page.continuation().isEmpty()
        ? CompletableFuture.completedFuture(rows)
        : table
            .scan(reader, page.continuation().get(), 2)
            .thenCompose(next -> more(table, reader, next, rows));
  }

  private static String table(int number) {
    return "simulation.branch_" + number;
  }
}
