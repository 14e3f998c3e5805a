package io.arrowraft.client.table;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.client.txn.TransactionalReader;
import io.arrowraft.client.txn.Transactions;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.Column;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.PrimaryKey;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableSchema;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;

/**
 * A table, as its definition was when it was opened. Rows that do not fit the definition are
 * refused with {@link InvalidRequestException} by the call itself, before anything is buffered.
 */
public final class TableHandle {
  private final TableSchema schema;
  private final RowShape shape;
  private final Transactions transactions;
  private final RowIds rowIds;
  private final Executor encoders;

  TableHandle(TableSchema schema, Transactions transactions, RowIds rowIds, Executor encoders) {
    this.schema = schema;
    this.shape = new RowShape(schema.columns().stream().map(Column::name).toList());
    this.transactions = transactions;
    this.rowIds = rowIds;
    this.encoders = encoders;
  }

  public TableSchema schema() {
    return schema;
  }

  /** A row from values in the order of the table's columns. */
  public Row row(Object... values) {
    if (values.length != shape.columns().size()) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_ARGUMENT,
          "table "
              + schema.tableName()
              + " has "
              + shape.columns().size()
              + " columns, but "
              + values.length
              + " values were given");
    }
    return new Row(shape, values.clone());
  }

  // Writing.

  /** Adds a row; the commit fails with {@link ErrorCode#KEY_EXISTS} if its key exists. */
  public CompletableFuture<Void> insert(Transaction transaction, Row row) {
    return insertAll(transaction, List.of(row));
  }

  /** Adds rows; the commit fails with {@link ErrorCode#KEY_EXISTS} if a key exists. */
  public CompletableFuture<Void> insertAll(Transaction transaction, List<Row> rows) {
    if (!hasHiddenRowId()) {
      encode(rows, 0).forEach(pair -> transaction.insert(pair.key(), pair.value()));
      return CompletableFuture.completedFuture(null);
    }
    // Encoded before ids are taken as well, so that a bad row is refused at once.
    encode(rows, 0);
    return rowIds
        .take(Math.max(1, rows.size()))
        .thenAccept(
            first ->
                encode(rows, first).forEach(pair -> transaction.put(pair.key(), pair.value())));
  }

  /** Stores a row in place of whatever has its primary key. */
  public void upsert(Transaction transaction, Row row) {
    requirePrimaryKey();
    KeyValue pair = codec().encode(row, 0);
    transaction.put(pair.key(), pair.value());
  }

  /**
   * Changes some columns of a row.
   *
   * @param changes the primary key's columns and those to change
   * @return whether there is such a row
   */
  public CompletableFuture<Boolean> update(Transaction transaction, Row changes) {
    RowCodec codec = codec();
    return updateAt(transaction, codec.key(codec.primaryKeyOf(changes)), changes);
  }

  /** As {@link #update}, by where the row is stored. */
  public CompletableFuture<Boolean> updateAt(Transaction transaction, Bytes rowKey, Row changes) {
    return transaction
        .get(rowKey)
        .thenApply(
            stored -> {
              if (stored.isEmpty()) {
                return false;
              }
              RowCodec codec = codec();
              Row merged = codec.merged(codec.decode(rowKey, stored.get()).row(), changes);
              if (!hasHiddenRowId() && !codec.key(codec.primaryKeyOf(merged)).equals(rowKey)) {
                throw new InvalidRequestException(
                    ErrorCode.INVALID_ARGUMENT,
                    "an update of table " + schema.tableName() + " must not change a primary key");
              }
              transaction.put(rowKey, codec.encodeValue(merged));
              return true;
            });
  }

  /** Removes the row with a primary key; whether there was one. */
  public CompletableFuture<Boolean> delete(Transaction transaction, Object... primaryKey) {
    return deleteAt(transaction, codec().key(primaryKey));
  }

  /** As {@link #delete}, by where the row is stored. */
  public CompletableFuture<Boolean> deleteAt(Transaction transaction, Bytes rowKey) {
    return transaction
        .get(rowKey)
        .thenApply(
            stored -> {
              stored.ifPresent(row -> transaction.delete(rowKey));
              return stored.isPresent();
            });
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

  // Reading.

  /** The row with a primary key. */
  public CompletableFuture<Optional<Row>> get(TransactionalReader reader, Object... primaryKey) {
    Bytes key = codec().key(primaryKey);
    return reader
        .get(key)
        .thenApply(stored -> stored.map(value -> codec().decode(key, value).row()));
  }

  /** The first rows of the table in key order. */
  public CompletableFuture<RowPage> scan(TransactionalReader reader, int limit) {
    return scan(reader, bytes(range().start()), limit);
  }

  /** The rows from {@code from} on, a row key or the continuation of an earlier page. */
  public CompletableFuture<RowPage> scan(TransactionalReader reader, Bytes from, int limit) {
    return reader.scan(from, bytes(range().end()), limit).thenApply(this::page);
  }

  /**
   * The rows whose primary keys lie between {@code first} and {@code beyond}, which is excluded.
   */
  public CompletableFuture<RowPage> scanBetween(
      TransactionalReader reader, List<?> first, List<?> beyond, int limit) {
    RowCodec codec = codec();
    return reader
        .scan(codec.key(first.toArray()), codec.key(beyond.toArray()), limit)
        .thenApply(this::page);
  }

  /** The keys of all rows of the table. */
  public KeyRange range() {
    return TableKeys.tableRange(schema.tableId());
  }

  private RowPage page(ScanPage page) {
    RowCodec codec = codec();
    List<StoredRow> rows = new ArrayList<>(page.pairs().size());
    for (KeyValue pair : page.pairs()) {
      rows.add(codec.decode(pair.key(), pair.value()));
    }
    return new RowPage(rows, page.continuation());
  }

  // What a bulk load needs.

  boolean hasHiddenRowId() {
    return schema.primaryKey() instanceof PrimaryKey.HiddenRowId;
  }

  RowIds rowIds() {
    return rowIds;
  }

  RowCodec codec() {
    if (!schema.indexes().isEmpty()) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_SCHEMA,
          "table " + schema.tableName() + " has indexes, which this client does not maintain");
    }
    return new RowCodec(schema, shape);
  }

  private List<KeyValue> encode(List<Row> rows, long firstRowId) {
    RowCodec codec = codec();
    List<KeyValue> pairs = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      pairs.add(codec.encode(rows.get(i), firstRowId + i));
    }
    return pairs;
  }

  private void requirePrimaryKey() {
    if (hasHiddenRowId()) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_ARGUMENT,
          "table " + schema.tableName() + " has no primary key, so there is nothing to replace");
    }
  }

  private static Bytes bytes(io.arrowraft.table.Bytes bytes) {
    return Bytes.wrap(bytes.toByteArray());
  }
}
