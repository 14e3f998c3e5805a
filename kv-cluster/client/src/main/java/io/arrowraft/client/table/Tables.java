package io.arrowraft.client.table;

import io.arrowraft.client.bulk.Imports;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.table.change.Reclaims;
import io.arrowraft.client.table.change.RowEstimate;
import io.arrowraft.client.table.change.SchemaChange;
import io.arrowraft.client.table.change.SchemaChanges;
import io.arrowraft.client.table.change.SchemaJob;
import io.arrowraft.client.table.schema.MetaCounter;
import io.arrowraft.client.table.schema.MetaKeys;
import io.arrowraft.client.table.schema.SchemaCache;
import io.arrowraft.client.table.schema.SchemaRecords;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.client.txn.TransactionalReader;
import io.arrowraft.client.txn.Transactions;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.Column;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.SchemaException;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import io.arrowraft.table.ValueException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** The cluster's tables. Names are {@code namespace.table}; safe for use by any thread. */
public final class Tables {
  private static final int PAGE = 1000;
  private static final Bytes PRESENT = Bytes.wrap(new byte[] {1});

  private final Transactions transactions;
  private final Imports imports;
  private final Executor encoders;
  private final Map<Long, RowIds> rowIds = new TreeMap<>();
  private final Map<TableName, SchemaCache> definitions = new TreeMap<>();

  private final Reclaims reclaims;
  private final SchemaChanges changes;

  /**
   * @param encoders runs what takes processor time: turning rows into bytes
   * @param estimate guesses how long a change of a table will take
   */
  public Tables(
      Transactions transactions, Imports imports, Executor encoders, RowEstimate estimate) {
    this.transactions = transactions;
    this.imports = imports;
    this.encoders = encoders;
    this.reclaims = new Reclaims(transactions);
    this.changes = new SchemaChanges(transactions, reclaims, estimate);
  }

  /**
   * Makes a table, and its namespace if there is none.
   *
   * @return its schema; fails with {@link ErrorCode#TABLE_EXISTS} if the name is taken
   */
  public CompletableFuture<TableSchema> createTable(TableDefinition definition) {
    definition.toSchema(1);
    return naming(
        definition.name(),
        transactions.retrying(transaction -> createTable(transaction, definition)));
  }

  private CompletableFuture<TableSchema> createTable(
      Transaction transaction, TableDefinition definition) {
    Bytes key = MetaKeys.table(definition.name());
    return transaction
        .get(key)
        .thenCompose(
            present -> {
              if (present.isPresent()) {
                throw tableExists(definition.name());
              }
              return MetaCounter.take(transaction, MetaKeys.tableIds(), 1);
            })
        .thenApply(
            id -> {
              TableSchema schema = definition.toSchema(id);
              transaction.insert(key, SchemaRecords.encode(schema));
              transaction.put(MetaKeys.namespace(definition.name().namespace()), PRESENT);
              return schema;
            });
  }

  /** A commit that met an existing key means that somebody else has made the table meanwhile. */
  private static CompletableFuture<TableSchema> naming(
      TableName name, CompletableFuture<TableSchema> created) {
    return created
        .handle(
            (schema, failure) -> {
              if (failure == null) {
                return CompletableFuture.completedFuture(schema);
              }
              Throwable cause = Async.cause(failure);
              return CompletableFuture.<TableSchema>failedFuture(
                  cause instanceof InvalidRequestException refused
                          && refused.code() == ErrorCode.KEY_EXISTS
                      ? tableExists(name)
                      : cause);
            })
        .thenCompose(Function.identity());
  }

  /**
   * Removes a table. Its space is given back once garbage collection has passed this moment, so
   * that snapshots of before find its rows until then: {@link SchemaChanges#reclaims} shows what
   * waits. Nobody finds rows that writers who had not heard of it still add: they may commit for as
   * long as {@code SchemaLease} says.
   */
  public CompletableFuture<Void> dropTable(String name) {
    TableName parsed = TableNames.parse(name);
    return transactions
        .retrying(
            transaction ->
                schema(transaction, parsed)
                    .thenCompose(
                        schema -> {
                          transaction.delete(MetaKeys.table(parsed));
                          return reclaims.note(
                              transaction,
                              KeyRange.prefix(TableKeys.tablePrefix(schema.tableId())));
                        }))
        .thenAccept(id -> reclaims.noted());
  }

  // Changes while the table is in use: docs/decisions/0003. Each returns as soon as it is recorded.

  /** Builds an index; its job's {@code done} tells when it can be read. */
  public CompletableFuture<SchemaJob> addIndex(
      String table, TableDefinition.IndexDefinition index) {
    return changes.submit(
        TableNames.parse(table),
        new SchemaChange.AddIndex(index.name(), index.unique(), index.columns()));
  }

  public CompletableFuture<SchemaJob> dropIndex(String table, String index) {
    return changes.submit(TableNames.parse(table), new SchemaChange.DropIndex(index));
  }

  /** Adds a column, which rows that are there read as its default or NULL. */
  public CompletableFuture<SchemaJob> addColumn(
      String table, TableDefinition.ColumnDefinition column) {
    TableName parsed = TableNames.parse(table);
    Column added;
    try {
      added = new Column(1, column.name(), column.type(), column.nullable(), column.defaultValue());
    } catch (SchemaException | ValueException refused) {
      throw new InvalidRequestException(ErrorCode.INVALID_SCHEMA, refused.getMessage(), refused);
    }
    return changes.submit(parsed, new SchemaChange.AddColumn(added));
  }

  /** Drops a column that is part of no key. Its values go with the next write of each row. */
  public CompletableFuture<SchemaJob> dropColumn(String table, String column) {
    return changes.submit(TableNames.parse(table), new SchemaChange.DropColumn(column));
  }

  public CompletableFuture<SchemaJob> renameColumn(String table, String from, String to) {
    return changes.submit(TableNames.parse(table), new SchemaChange.RenameColumn(from, to));
  }

  /**
   * Removes all rows at once. While that goes on, for a lease or two, the table takes no writes.
   */
  public CompletableFuture<SchemaJob> truncate(String table) {
    return changes.submit(TableNames.parse(table), new SchemaChange.Truncate());
  }

  /** The changes of all tables: to look at, to cancel, and to take over from clients that died. */
  public SchemaChanges changes() {
    return changes;
  }

  /** The table, as it is defined now; fails with {@link ErrorCode#UNKNOWN_TABLE}. */
  public CompletableFuture<TableHandle> open(String name) {
    TableName parsed = TableNames.parse(name);
    reclaims.watch();
    return definitionsOf(parsed).reload().thenApply(loaded -> handle(loaded.schema()));
  }

  /** A table whose schema the caller has read. */
  public TableHandle handle(TableSchema schema) {
    return new TableHandle(
        schema, definitionsOf(schema.tableName()), transactions, imports, this::rowIdsOf, encoders);
  }

  /** A table's schema as of a snapshot or transaction. */
  public CompletableFuture<TableSchema> schema(TransactionalReader reader, TableName name) {
    return SchemaRecords.get(reader, name);
  }

  /** All tables, by name. */
  public CompletableFuture<List<TableName>> tables() {
    return names(MetaKeys.tables(), MetaKeys::tableOf);
  }

  /** The tables of a namespace, by name; fails with {@link ErrorCode#UNKNOWN_NAMESPACE}. */
  public CompletableFuture<List<TableName>> tables(String namespace) {
    Bytes prefix = MetaKeys.tables(TableNames.namespace(namespace));
    return now()
        .thenCompose(
            snapshot ->
                requireNamespace(snapshot, namespace)
                    .thenCompose(found -> names(snapshot, prefix, prefix, MetaKeys::tableOf)));
  }

  /** Makes a namespace; whether there was none. */
  public CompletableFuture<Boolean> createNamespace(String namespace) {
    Bytes key = MetaKeys.namespace(TableNames.namespace(namespace));
    return transactions.retrying(
        transaction ->
            transaction
                .get(key)
                .thenApply(
                    present -> {
                      if (present.isEmpty()) {
                        transaction.put(key, PRESENT);
                      }
                      return present.isEmpty();
                    }));
  }

  /** Removes a namespace, which must have no tables. */
  public CompletableFuture<Void> dropNamespace(String namespace) {
    String checked = TableNames.namespace(namespace);
    Bytes tables = MetaKeys.tables(checked);
    return transactions.retrying(
        transaction ->
            requireNamespace(transaction, checked)
                .thenCompose(found -> transaction.scan(tables, MetaKeys.endOf(tables), 1))
                .thenAccept(
                    page -> {
                      if (!page.pairs().isEmpty()) {
                        throw new InvalidRequestException(
                            ErrorCode.NAMESPACE_NOT_EMPTY, "namespace " + checked + " has tables");
                      }
                      // A table made meanwhile writes this key too, so one of the two fails.
                      transaction.delete(MetaKeys.namespace(checked));
                    }));
  }

  /** All namespaces, by name. */
  public CompletableFuture<List<String>> namespaces() {
    return names(MetaKeys.namespaces(), MetaKeys::namespaceOf);
  }

  private static CompletableFuture<Void> requireNamespace(
      TransactionalReader reader, String namespace) {
    return reader
        .get(MetaKeys.namespace(namespace))
        .thenAccept(
            present -> {
              if (present.isEmpty()) {
                throw new InvalidRequestException(
                    ErrorCode.UNKNOWN_NAMESPACE, "there is no namespace " + namespace);
              }
            });
  }

  private <T> CompletableFuture<List<T>> names(Bytes prefix, Function<Bytes, T> read) {
    return now().thenCompose(snapshot -> names(snapshot, prefix, prefix, read));
  }

  private static <T> CompletableFuture<List<T>> names(
      TransactionalReader reader, Bytes prefix, Bytes from, Function<Bytes, T> read) {
    return reader
        .scan(from, MetaKeys.endOf(prefix), PAGE)
        .thenCompose(
            page -> {
              List<T> names = new ArrayList<>();
              for (KeyValue pair : page.pairs()) {
                names.add(read.apply(pair.key()));
              }
              return page.continuation().isEmpty()
                  ? CompletableFuture.completedFuture(names)
                  : names(reader, prefix, page.continuation().get(), read)
                      .thenApply(
                          more -> {
                            names.addAll(more);
                            return names;
                          });
            });
  }

  private CompletableFuture<Snapshot> now() {
    return transactions.timestamp().thenApply(transactions::snapshotAt);
  }

  private synchronized RowIds rowIdsOf(long tableId) {
    return rowIds.computeIfAbsent(tableId, id -> new RowIds(transactions, id));
  }

  private synchronized SchemaCache definitionsOf(TableName name) {
    return definitions.computeIfAbsent(name, known -> new SchemaCache(transactions, name));
  }

  private static InvalidRequestException tableExists(TableName name) {
    return new InvalidRequestException(ErrorCode.TABLE_EXISTS, "table " + name + " exists");
  }
}
