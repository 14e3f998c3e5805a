package io.arrowraft.client.table;

import io.arrowraft.client.bulk.ImportOptions;
import io.arrowraft.client.bulk.Imports;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.keyvalue.ScanRange;
import io.arrowraft.client.table.schema.SchemaCache;
import io.arrowraft.client.txn.TransactionalReader;
import io.arrowraft.client.txn.Transactions;
import io.arrowraft.client.txn.WritableTransaction;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableSchema;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;

/**
 * A table. Its definition may change while it is in use: each call goes by the definition that held
 * when its transaction or snapshot began, and a transaction whose definition is overtaken before it
 * commits is aborted with {@link ErrorCode#SCHEMA_CHANGED}.
 *
 * <p>Rows that do not fit the definition are refused with {@link InvalidRequestException}, by the
 * call itself or by its future, before anything is buffered. A call's future must have ended before
 * the transaction commits.
 */
public final class TableHandle {
  private final SchemaCache definitions;
  private final Transactions transactions;
  private final Imports imports;
  private final LongFunction<RowIds> rowIds;
  private final Executor encoders;
  private volatile TableView latest;

  TableHandle(
      TableSchema schema,
      SchemaCache definitions,
      Transactions transactions,
      Imports imports,
      LongFunction<RowIds> rowIds,
      Executor encoders) {
    this.latest = new TableView(schema);
    this.definitions = definitions;
    this.transactions = transactions;
    this.imports = imports;
    this.rowIds = rowIds;
    this.encoders = encoders;
  }

  /** The newest definition that this client has seen. */
  public TableSchema schema() {
    return newest().schema();
  }

  /** A row from values in the order of the table's columns. */
  public Row row(Object... values) {
    TableView view = newest();
    if (values.length != view.shape().columns().size()) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_ARGUMENT,
          "table "
              + view.schema().tableName()
              + " has "
              + view.shape().columns().size()
              + " columns, but "
              + values.length
              + " values were given");
    }
    return new Row(view.shape(), values.clone());
  }

  /** Writes that each are a transaction. */
  public AutoCommit autoCommit() {
    return new AutoCommit(this, transactions);
  }

  // Writing.

  /**
   * Adds a row. Fails with {@link ErrorCode#KEY_EXISTS}, naming the table, the index and the key,
   * if there is one with its primary key or with its key in a unique index: an optimistic
   * transaction when it commits, a pessimistic one at once.
   */
  public CompletableFuture<Void> insert(WritableTransaction transaction, Row row) {
    return insertAll(transaction, List.of(row));
  }

  /** As {@link #insert}, of many rows. */
  public CompletableFuture<Void> insertAll(WritableTransaction transaction, List<Row> rows) {
    return insertReturning(transaction, rows).thenApply(added -> null);
  }

  /** As {@link #insertAll}; returns the rows with the keys and defaults that they were given. */
  public CompletableFuture<List<Row>> insertReturning(
      WritableTransaction transaction, List<Row> rows) {
    return writing(transaction, writes -> writes.insertAll(rows));
  }

  /** Adds a row unless its primary key or a unique index's key is taken; whether it was added. */
  public CompletableFuture<Boolean> insertIgnore(WritableTransaction transaction, Row row) {
    return writing(transaction, writes -> writes.insertIgnore(row));
  }

  /** Stores a row in place of whatever has its primary key. */
  public CompletableFuture<Void> upsert(WritableTransaction transaction, Row row) {
    return writing(transaction, writes -> writes.upsert(row));
  }

  /**
   * Changes some columns of a row.
   *
   * @param changes the primary key's columns and those to change
   * @return whether there is such a row
   */
  public CompletableFuture<Boolean> update(WritableTransaction transaction, Row changes) {
    return writing(transaction, writes -> writes.update(changes));
  }

  /** As {@link #update}, by where the row is stored. */
  public CompletableFuture<Boolean> updateAt(
      WritableTransaction transaction, Bytes rowKey, Row changes) {
    return writing(transaction, writes -> writes.updateAt(rowKey, changes));
  }

  /** Removes the row with a primary key; whether there was one. */
  public CompletableFuture<Boolean> delete(WritableTransaction transaction, Object... primaryKey) {
    return with(
        transaction,
        view ->
            writing(transaction, view, writes -> writes.deleteAt(view.codec().keyOf(primaryKey))));
  }

  /** As {@link #delete}, by where the row is stored. */
  public CompletableFuture<Boolean> deleteAt(WritableTransaction transaction, Bytes rowKey) {
    return writing(transaction, writes -> writes.deleteAt(rowKey));
  }

  /**
   * Adds many rows, in many transactions.
   *
   * @param rows asked by one thread at a time, on a thread of the client
   * @param progress told how many rows are committed so far
   * @return how many rows were added; on failure those of the transactions before stay
   */
  public CompletableFuture<Long> load(
      Iterator<Row> rows, LoadOptions options, LongConsumer progress) {
    return new BulkLoad(this, transactions, encoders, options, rows, progress).run();
  }

  /**
   * Fills an empty table past transactions, its indexes as well; several times as fast as {@link
   * #load}. Until it has ended nobody else may write to the table or change its definition, and
   * readers may see any part of the rows: the page of {@code io.arrowraft.client.bulk} has the
   * whole contract.
   *
   * @param rows asked by one thread at a time, on a thread of the client; of a table without
   *     primary key in the order in which they are to be stored. Rows of a table that has indexes
   *     are sorted first with their entries, whatever the options say
   * @param progress told how many rows are in so far
   * @return how many rows were brought in; cancelling it ends the import, and leaves what is in.
   *     Fails with {@link ErrorCode#KEY_EXISTS} if the table has rows and the import is not
   *     resumed, or two rows have one key, in the table or in a unique index; with {@link
   *     ErrorCode#SCHEMA_CHANGED} if the definition has changed
   */
  public CompletableFuture<Long> importRows(
      Iterator<Row> rows, ImportOptions options, LongConsumer progress) {
    TableView view = newest();
    KeyRange range = KeyRange.prefix(TableKeys.tablePrefix(view.schema().tableId()));
    if (options.resumed() && view.hasHiddenRowId()) {
      return CompletableFuture.failedFuture(
          new InvalidRequestException(
              ErrorCode.INVALID_ARGUMENT,
              "an import into table "
                  + view.schema().tableName()
                  + " cannot be resumed, since its rows have no key by which they would be found"
                  + " again; empty the table and import from the start"));
    }
    boolean ordered = options.inKeyOrder() || view.hasHiddenRowId();
    return imports.versions(
        Bytes.wrap(range.start().toByteArray()),
        Bytes.wrap(range.end().toByteArray()),
        new RowSource(view, rowIds(), this::currentSchema, rows),
        options.withKeyOrder(ordered && !view.hasEntries()),
        progress);
  }

  private CompletableFuture<TableSchema> currentSchema() {
    return transactions
        .timestamp()
        .thenCompose(now -> definitions.at(transactions.snapshotAt(now)));
  }

  // Reading.

  /** An index by name, whose case does not matter; looked for when it is used. */
  public IndexHandle index(String name) {
    return new IndexHandle(this, name);
  }

  /** The row with a primary key. */
  public CompletableFuture<Optional<Row>> get(TransactionalReader reader, Object... primaryKey) {
    return reading(
        reader,
        view -> {
          Bytes key = view.codec().keyOf(primaryKey);
          return reader
              .get(key)
              .thenApply(stored -> stored.map(value -> view.codec().decode(key, value).row()));
        });
  }

  /**
   * The rows with the given primary keys that exist, in key order.
   *
   * @param primaryKeys the values of each
   */
  public CompletableFuture<List<StoredRow>> getAll(
      TransactionalReader reader, List<? extends List<?>> primaryKeys) {
    return reading(
        reader,
        view -> {
          RowCodec codec = view.codec();
          List<Bytes> keys = primaryKeys.stream().map(key -> codec.keyOf(key.toArray())).toList();
          return reader.batchGet(keys).thenApply(found -> stored(view, found));
        });
  }

  /**
   * Locks a row and reads it, or finds that there is none and keeps others from adding it: as
   * {@link io.arrowraft.client.txn.PessimisticTransaction#getForUpdate}. A pessimistic transaction
   * waits for who holds it and reads what is newest; an optimistic one reads as of its start, and
   * its commit fails if somebody else has written the row since.
   */
  public CompletableFuture<Optional<Row>> getForUpdate(
      WritableTransaction transaction, Object... primaryKey) {
    return with(
        transaction,
        view -> {
          Bytes key = view.codec().keyOf(primaryKey);
          return forUpdate(transaction, view, key)
              .thenApply(stored -> stored.map(value -> view.codec().decode(key, value).row()));
        });
  }

  /** Locks a key of this table and reads its value. */
  CompletableFuture<Optional<Bytes>> forUpdate(
      WritableTransaction transaction, TableView view, Bytes key) {
    // What is decided by a definition is committed by it.
    return definitions
        .fence(transaction)
        .writing(
            view.schema(),
            () ->
                RowStore.of(transaction)
                    .forUpdate(List.of(key))
                    .thenApply(found -> Optional.ofNullable(found.get(key))));
  }

  private static List<StoredRow> stored(TableView view, Map<Bytes, Bytes> found) {
    RowCodec codec = view.codec();
    List<StoredRow> rows = new ArrayList<>(found.size());
    found.forEach((key, value) -> rows.add(codec.decode(key, value)));
    return rows;
  }

  /** The first rows of the table in key order. */
  public CompletableFuture<RowPage> scan(TransactionalReader reader, int limit) {
    return reading(reader, view -> scan(reader, view, start(view), limit, Projection.ALL));
  }

  /** The rows from {@code from} on, a row key or the continuation of an earlier page. */
  public CompletableFuture<RowPage> scan(TransactionalReader reader, Bytes from, int limit) {
    return reading(reader, view -> scan(reader, view, from, limit, Projection.ALL));
  }

  /** The last rows of the table, from the last one down. */
  public CompletableFuture<RowPage> scanDown(TransactionalReader reader, int limit) {
    return reading(reader, view -> scanDown(reader, view, rangeOf(view), limit));
  }

  /** The rows below {@code beyond}, a row key or the continuation of an earlier page, downwards. */
  public CompletableFuture<RowPage> scanDown(TransactionalReader reader, Bytes beyond, int limit) {
    return reading(
        reader,
        view -> scanDown(reader, view, rangeOf(view).downwards().continuedAt(beyond), limit));
  }

  private static CompletableFuture<RowPage> scanDown(
      TransactionalReader reader, TableView view, ScanRange range, int limit) {
    return reader
        .scan(range.downwards(), limit)
        .thenApply(page -> page(view, page, Projection.ALL));
  }

  private static ScanRange rangeOf(TableView view) {
    KeyRange range = TableKeys.tableRange(view.schema().tableId());
    return ScanRange.of(
        Bytes.wrap(range.start().toByteArray()), Bytes.wrap(range.end().toByteArray()));
  }

  /**
   * Some columns of the first rows of the table.
   *
   * @param columns names, in the order in which the rows shall have them
   */
  public CompletableFuture<RowPage> scan(
      TransactionalReader reader, List<String> columns, int limit) {
    return reading(
        reader, view -> scan(reader, view, start(view), limit, Projection.of(view, columns)));
  }

  /** Some columns of the rows from {@code from} on. */
  public CompletableFuture<RowPage> scan(
      TransactionalReader reader, List<String> columns, Bytes from, int limit) {
    return reading(reader, view -> scan(reader, view, from, limit, Projection.of(view, columns)));
  }

  /**
   * The rows whose primary keys lie between {@code first} and {@code beyond}, which is excluded.
   */
  public CompletableFuture<RowPage> scanBetween(
      TransactionalReader reader, List<?> first, List<?> beyond, int limit) {
    return reading(
        reader,
        view -> {
          RowCodec codec = view.codec();
          return reader
              .scan(codec.keyOf(first.toArray()), codec.keyOf(beyond.toArray()), limit)
              .thenApply(page -> page(view, page, Projection.ALL));
        });
  }

  /** The keys of all rows of the table. */
  public KeyRange range() {
    return TableKeys.tableRange(schema().tableId());
  }

  private static Bytes start(TableView view) {
    return Bytes.wrap(TableKeys.rowPrefix(view.schema().tableId()));
  }

  private static CompletableFuture<RowPage> scan(
      TransactionalReader reader, TableView view, Bytes from, int limit, Projection projection) {
    KeyRange range = TableKeys.tableRange(view.schema().tableId());
    return reader
        .scan(from, Bytes.wrap(range.end().toByteArray()), limit)
        .thenApply(page -> page(view, page, projection));
  }

  private static RowPage page(TableView view, ScanPage page, Projection projection) {
    RowCodec codec = view.codec();
    List<StoredRow> rows = new ArrayList<>(page.pairs().size());
    for (KeyValue pair : page.pairs()) {
      rows.add(projection.of(codec.decode(pair.key(), pair.value())));
    }
    return new RowPage(rows, page.continuation());
  }

  // The definition that a call goes by.

  /** Runs {@code body} with the definition that holds for a reader, at once if it is at hand. */
  <T> CompletableFuture<T> reading(
      TransactionalReader reader, Function<TableView, CompletableFuture<T>> body) {
    return with(reader, body);
  }

  private <T> CompletableFuture<T> writing(
      WritableTransaction transaction, Function<TableWrites, CompletableFuture<T>> body) {
    return with(transaction, view -> writing(transaction, view, body));
  }

  private <T> CompletableFuture<T> writing(
      WritableTransaction transaction,
      TableView view,
      Function<TableWrites, CompletableFuture<T>> body) {
    return definitions
        .fence(transaction)
        .writing(
            view.schema(),
            () ->
                body.apply(
                    new TableWrites(view, transaction, rowIds.apply(view.schema().tableId()))));
  }

  private <T> CompletableFuture<T> with(
      TransactionalReader reader, Function<TableView, CompletableFuture<T>> body) {
    CompletableFuture<TableSchema> schema = definitions.at(reader);
    return schema.isDone() && !schema.isCompletedExceptionally()
        ? body.apply(viewOf(schema.join()))
        : schema.thenCompose(loaded -> body.apply(viewOf(loaded)));
  }

  /** As this client has last heard. */
  TableView newest() {
    return definitions.latest().map(this::viewOf).orElse(latest);
  }

  /** The view of a definition; the last one is kept, since most calls go by it. */
  private TableView viewOf(TableSchema schema) {
    TableView known = latest;
    if (known.schema().schemaVersion() == schema.schemaVersion()
        && known.schema().tableId() == schema.tableId()) {
      return known;
    }
    TableView view = new TableView(schema);
    if (definitions.latest().filter(schema::equals).isPresent()) {
      latest = view;
    }
    return view;
  }

  // What a bulk load needs.

  /**
   * Binds a transaction of rows that were encoded by one version of the definition to that version.
   *
   * @return fails with {@link ErrorCode#SCHEMA_CHANGED} if another one is in force
   */
  CompletableFuture<Void> bind(WritableTransaction transaction, TableSchema encodedBy) {
    return with(
        transaction,
        view -> {
          if (view.schema().schemaVersion() != encodedBy.schemaVersion()
              || view.schema().tableId() != encodedBy.tableId()) {
            throw new InvalidRequestException(
                ErrorCode.SCHEMA_CHANGED,
                "table "
                    + encodedBy.tableName()
                    + " has changed since the load began; what it has committed stays");
          }
          return definitions
              .fence(transaction)
              .writing(view.schema(), () -> CompletableFuture.completedFuture(null));
        });
  }

  boolean hasHiddenRowId() {
    return newest().hasHiddenRowId();
  }

  RowIds rowIds() {
    return rowIds.apply(schema().tableId());
  }
}
