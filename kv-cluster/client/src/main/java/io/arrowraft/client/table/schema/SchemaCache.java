package io.arrowraft.client.table.schema;

import io.arrowraft.client.txn.TransactionalReader;
import io.arrowraft.client.txn.Transactions;
import io.arrowraft.client.txn.WritableTransaction;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What a client knows of one table's definition. */
public final class SchemaCache {
  private final Transactions transactions;
  private final TableName name;
  private volatile LoadedSchema latest;

  public SchemaCache(Transactions transactions, TableName name) {
    this.transactions = transactions;
    this.name = name;
  }

  public TableName name() {
    return name;
  }

  /** The newest definition that was read, whether or not it still holds. */
  public Optional<TableSchema> latest() {
    LoadedSchema known = latest;
    return known == null ? Optional.empty() : Optional.of(known.schema());
  }

  /**
   * The definition by which {@code reader} reads and writes; fails with {@link
   * io.arrowraft.client.error.ErrorCode#UNKNOWN_TABLE} if there was no such table.
   */
  public CompletableFuture<TableSchema> at(TransactionalReader reader) {
    return reader instanceof WritableTransaction transaction
        ? fence(transaction).schema(transaction)
        : loadedAt(reader).thenApply(LoadedSchema::schema);
  }

  /** What binds a transaction to one definition. */
  public SchemaFence fence(WritableTransaction transaction) {
    return transaction.fence(this, SchemaFence.class, () -> new SchemaFence(this));
  }

  CompletableFuture<LoadedSchema> loadedAt(TransactionalReader reader) {
    LoadedSchema known = latest;
    Timestamp timestamp = reader.timestamp();
    if (known != null && known.holdsAt(timestamp)) {
      return CompletableFuture.completedFuture(known);
    }
    if (reader instanceof WritableTransaction) {
      return load(reader).thenApply(this::taken);
    }
    if (known != null && timestamp.compareTo(known.first()) < 0) {
      return load(reader).thenApply(this::takenAsOf);
    }
    // Many snapshots are of now: one read of the definition then serves those that follow.
    return reload()
        .thenCompose(
            now ->
                now.holdsAt(timestamp)
                    ? CompletableFuture.completedFuture(now)
                    : load(reader).thenApply(this::takenAsOf));
  }

  /** The definition as it is now. */
  public CompletableFuture<LoadedSchema> reload() {
    return transactions
        .timestamp()
        .thenCompose(now -> load(transactions.snapshotAt(now)))
        .thenApply(this::taken);
  }

  private CompletableFuture<LoadedSchema> load(TransactionalReader reader) {
    return SchemaRecords.get(reader, name)
        .thenApply(schema -> new LoadedSchema(schema, reader.timestamp(), reader.timestamp()));
  }

  /** Of a timestamp that the placement driver gave. */
  private synchronized LoadedSchema taken(LoadedSchema found) {
    if (latest != null && latest.isSameVersion(found)) {
      latest = latest.and(found);
      return latest;
    }
    if (latest == null || found.last().compareTo(latest.last()) > 0) {
      latest = found;
    }
    return found;
  }

  /** Of a timestamp that the user gave, which may be one of the future: no lease begins there. */
  private synchronized LoadedSchema takenAsOf(LoadedSchema found) {
    if (latest != null
        && latest.isSameVersion(found)
        && found.first().compareTo(latest.first()) < 0) {
      latest = new LoadedSchema(latest.schema(), found.first(), latest.last());
    }
    return found;
  }
}
