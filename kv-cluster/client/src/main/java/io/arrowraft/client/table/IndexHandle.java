package io.arrowraft.client.table;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.keyvalue.ScanRange;
import io.arrowraft.client.txn.TransactionalReader;
import io.arrowraft.client.txn.WritableTransaction;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.Column;
import io.arrowraft.table.CorruptRowException;
import io.arrowraft.table.IndexEntries;
import io.arrowraft.table.IndexSchema;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.TableSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Rows by an index of their table. Calls fail with {@link ErrorCode#UNKNOWN_INDEX} where there is
 * no such index, or none that readers may use yet.
 */
public final class IndexHandle {
  private final TableHandle table;
  private final String name;

  IndexHandle(TableHandle table, String name) {
    this.table = table;
    this.name = name;
  }

  public String name() {
    return name;
  }

  /**
   * The row that a unique index has for these values, one for each of its columns, none NULL.
   *
   * @throws InvalidRequestException if the index is not unique or the values do not fit
   */
  public CompletableFuture<Optional<Row>> get(TransactionalReader reader, Object... values) {
    return table.reading(
        reader,
        view -> {
          IndexSchema index = index(view.schema());
          Bytes key = distinctKey(view, index, values);
          return reader
              .get(key)
              .thenCompose(
                  found ->
                      found.isEmpty()
                          ? CompletableFuture.completedFuture(Optional.<Row>empty())
                          : rows(view, index, reader, List.of(new KeyValue(key, found.get())))
                              .thenApply(rows -> Optional.of(rows.get(0).row())));
        });
  }

  /**
   * As {@link #get}, of a row that is locked together with its place in the index: as {@link
   * TableHandle#getForUpdate}. Where there is none, nobody else may add one with these values.
   */
  public CompletableFuture<Optional<Row>> getForUpdate(
      WritableTransaction transaction, Object... values) {
    return table.reading(
        transaction,
        view -> {
          IndexSchema index = index(view.schema());
          Bytes key = distinctKey(view, index, values);
          return table
              .forUpdate(transaction, view, key)
              .thenCompose(
                  entry ->
                      entry.isEmpty()
                          ? CompletableFuture.completedFuture(Optional.<Row>empty())
                          : rowForUpdate(view, index, transaction, new KeyValue(key, entry.get())));
        });
  }

  private CompletableFuture<Optional<Row>> rowForUpdate(
      TableView view, IndexSchema index, WritableTransaction transaction, KeyValue entry) {
    Bytes key = rowKey(view.schema(), index, entry);
    return table
        .forUpdate(transaction, view, key)
        .thenApply(
            stored ->
                Optional.of(
                    rows(
                            view,
                            index,
                            List.of(key),
                            stored.map(value -> Map.of(key, value)).orElse(Map.of()))
                        .get(0)
                        .row()));
  }

  private Bytes distinctKey(TableView view, IndexSchema index, Object... values) {
    List<Object> wanted = canonical(view, index, Arrays.asList(values));
    if (!index.unique() || wanted.size() != index.columnIds().size() || wanted.contains(null)) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_ARGUMENT,
          "index "
              + name
              + " of table "
              + view.schema().tableName()
              + " answers get only if it is unique and all its "
              + index.columnIds().size()
              + " values are given and not NULL; use scan");
    }
    return Bytes.wrap(IndexEntries.distinctKey(view.schema(), index, wanted.toArray()));
  }

  /** The first rows of a range, in the order of the index. */
  public CompletableFuture<RowPage> scan(TransactionalReader reader, IndexRange range, int limit) {
    return scan(reader, range, limit, whole -> whole);
  }

  /**
   * The rows of a range from {@code from} on.
   *
   * @param from the continuation of an earlier page of the same range
   */
  public CompletableFuture<RowPage> scan(
      TransactionalReader reader, IndexRange range, Bytes from, int limit) {
    return scan(
        reader,
        range,
        limit,
        whole -> from.compareTo(whole.start()) > 0 ? whole.continuedAt(from) : whole);
  }

  /** The last rows of a range, from the last one down. */
  public CompletableFuture<RowPage> scanDown(
      TransactionalReader reader, IndexRange range, int limit) {
    return scan(reader, range, limit, ScanRange::downwards);
  }

  /**
   * The rows of a range before {@code beyond}, downwards.
   *
   * @param beyond the continuation of an earlier page of the same range
   */
  public CompletableFuture<RowPage> scanDown(
      TransactionalReader reader, IndexRange range, Bytes beyond, int limit) {
    return scan(
        reader,
        range,
        limit,
        whole ->
            beyond.compareTo(whole.end()) < 0
                ? whole.downwards().continuedAt(beyond)
                : whole.downwards());
  }

  private CompletableFuture<RowPage> scan(
      TransactionalReader reader, IndexRange range, int limit, UnaryOperator<ScanRange> part) {
    return table.reading(
        reader,
        view -> {
          IndexSchema index = index(view.schema());
          KeyRange keys = keys(view, index, range);
          ScanRange whole =
              ScanRange.of(
                  Bytes.wrap(keys.start().toByteArray()), Bytes.wrap(keys.end().toByteArray()));
          return reader
              .scan(part.apply(whole), limit)
              .thenCompose(page -> page(view, index, reader, page));
        });
  }

  private CompletableFuture<RowPage> page(
      TableView view, IndexSchema index, TransactionalReader reader, ScanPage entries) {
    return rows(view, index, reader, entries.pairs())
        .thenApply(rows -> new RowPage(rows, entries.continuation()));
  }

  private CompletableFuture<List<StoredRow>> rows(
      TableView view, IndexSchema index, TransactionalReader reader, List<KeyValue> entries) {
    List<Bytes> keys = new ArrayList<>(entries.size());
    for (KeyValue entry : entries) {
      keys.add(rowKey(view.schema(), index, entry));
    }
    return reader.batchGet(keys).thenApply(found -> rows(view, index, keys, found));
  }

  private List<StoredRow> rows(
      TableView view, IndexSchema index, List<Bytes> keys, Map<Bytes, Bytes> found) {
    RowCodec codec = view.codec();
    List<StoredRow> rows = new ArrayList<>(keys.size());
    for (Bytes key : keys) {
      Bytes value = found.get(key);
      if (value == null) {
        throw damaged(
            view.schema(), index, "an entry names the row " + key + ", which is not there");
      }
      rows.add(codec.decode(key, value));
    }
    return rows;
  }

  private static Bytes rowKey(TableSchema schema, IndexSchema index, KeyValue entry) {
    try {
      return Bytes.wrap(
          IndexEntries.rowKeyOf(
              schema, index, entry.key().unsafeArray(), entry.value().unsafeArray()));
    } catch (CorruptRowException damage) {
      throw damaged(schema, index, "the entry at " + entry.key() + ": " + damage.getMessage());
    }
  }

  private static InvalidRequestException damaged(
      TableSchema schema, IndexSchema index, String what) {
    return new InvalidRequestException(
        ErrorCode.CORRUPT_DATA,
        "index " + index.name() + " of table " + schema.tableName() + ": " + what);
  }

  private IndexSchema index(TableSchema schema) {
    return schema
        .index(name)
        .filter(index -> index.state().reads())
        .orElseThrow(
            () ->
                new InvalidRequestException(
                    ErrorCode.UNKNOWN_INDEX,
                    "table "
                        + schema.tableName()
                        + " has no index "
                        + name
                        + schema
                            .index(name)
                            .map(index -> " that can be read: it is " + index.state())
                            .orElse("")));
  }

  private static List<Object> canonical(TableView view, IndexSchema index, List<Object> values) {
    if (values.size() > index.columnIds().size()) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_ARGUMENT,
          "index "
              + index.name()
              + " has "
              + index.columnIds().size()
              + " columns, but "
              + values.size()
              + " values were given");
    }
    List<Column> columns =
        index.columnIds().stream().map(id -> view.schema().columnById(id).orElseThrow()).toList();
    return view.codec().canonical(columns, values);
  }

  private static KeyRange keys(TableView view, IndexSchema index, IndexRange range) {
    List<Object> equal = canonical(view, index, range.equal());
    if (range.low() == null && range.high() == null) {
      return IndexEntries.rangeOf(view.schema(), index, equal);
    }
    Function<IndexRange.End, IndexEntries.Bound> bound =
        end -> {
          List<Object> values = new ArrayList<>(range.equal());
          values.add(end.value());
          List<Object> all = canonical(view, index, values);
          return new IndexEntries.Bound(all.get(all.size() - 1), end.inclusive());
        };
    return IndexEntries.rangeOf(
        view.schema(),
        index,
        equal,
        range.low() == null ? null : bound.apply(range.low()),
        range.high() == null ? null : bound.apply(range.high()));
  }
}
