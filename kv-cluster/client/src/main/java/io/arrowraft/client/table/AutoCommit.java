package io.arrowraft.client.table;

import io.arrowraft.client.txn.Transactions;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Writes to a table, each in a transaction of its own that is run again, reading again, as long as
 * it loses against others. Safe for use by any thread.
 */
public final class AutoCommit {
  private final TableHandle table;
  private final Transactions transactions;

  AutoCommit(TableHandle table, Transactions transactions) {
    this.table = table;
    this.transactions = transactions;
  }

  /** Adds a row; see {@link TableHandle#insert}. */
  public CompletableFuture<Row> insert(Row row) {
    return insertAll(List.of(row)).thenApply(added -> added.get(0));
  }

  /** Adds rows, all or none; returns them with the keys that they were given. */
  public CompletableFuture<List<Row>> insertAll(List<Row> rows) {
    return transactions.retrying(transaction -> table.insertReturning(transaction, rows));
  }

  /** Adds a row unless its primary key or a unique index's key is taken; whether it was added. */
  public CompletableFuture<Boolean> insertIgnore(Row row) {
    return transactions.retrying(transaction -> table.insertIgnore(transaction, row));
  }

  /** Stores a row in place of whatever has its primary key. */
  public CompletableFuture<Void> upsert(Row row) {
    return transactions.retrying(transaction -> table.upsert(transaction, row));
  }

  /** Changes some columns of a row; whether there is such a row. */
  public CompletableFuture<Boolean> update(Row changes) {
    return transactions.retrying(transaction -> table.update(transaction, changes));
  }

  /** Removes a row; whether there was one. */
  public CompletableFuture<Boolean> delete(Object... primaryKey) {
    return transactions.retrying(transaction -> table.delete(transaction, primaryKey));
  }
}
