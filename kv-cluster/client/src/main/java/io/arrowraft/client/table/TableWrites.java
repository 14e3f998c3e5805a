package io.arrowraft.client.table;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.txn.WritableTransaction;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.IndexEntries;
import io.arrowraft.table.IndexEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The writes of one call to one table in one transaction. */
final class TableWrites {
  private final TableView view;
  private final RowCodec codec;
  private final WritableTransaction transaction;
  private final RowStore store;
  private final RowKeys keys;

  TableWrites(TableView view, WritableTransaction transaction, RowIds rowIds) {
    this.view = view;
    this.codec = view.codec();
    this.transaction = transaction;
    this.store = RowStore.of(transaction);
    this.keys = new RowKeys(view, codec, rowIds);
  }

  /** The rows as they were added, with the keys that they were given. */
  CompletableFuture<List<Row>> insertAll(List<Row> rows) {
    return keys.of(rows, transaction.timestamp().value())
        .thenCompose(
            keyed -> {
              RowChange change = new RowChange(view, codec);
              for (RowKeys.Keyed row : keyed) {
                change.insert(row.key(), row.values(), row.keyIsNew());
              }
              return store
                  .apply(change.changes())
                  .thenApply(done -> keyed.stream().map(row -> codec.row(row.values())).toList());
            });
  }

  /** Whether the row was added: nothing had its primary key or a unique index's key. */
  CompletableFuture<Boolean> insertIgnore(Row row) {
    return keys.of(List.of(row), transaction.timestamp().value())
        .thenCompose(
            keyed -> {
              RowKeys.Keyed only = keyed.get(0);
              List<Bytes> taken = new ArrayList<>();
              if (!only.keyIsNew()) {
                taken.add(only.key());
              }
              for (IndexEntry entry : entries(only)) {
                if (entry.distinct() && entry.index().state().adds()) {
                  taken.add(Bytes.wrap(entry.key().toByteArray()));
                }
              }
              return store
                  .current(taken)
                  .thenCompose(
                      found ->
                          found.isEmpty()
                              ? store
                                  .apply(
                                      new RowChange(view, codec)
                                          .insert(only.key(), only.values(), only.keyIsNew())
                                          .changes())
                                  .thenApply(done -> true)
                              : CompletableFuture.completedFuture(false));
            });
  }

  private List<IndexEntry> entries(RowKeys.Keyed row) {
    return IndexEntries.all(view.written(), row.values(), row.key().unsafeArray());
  }

  CompletableFuture<Void> upsert(Row row) {
    if (view.hasHiddenRowId()) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_ARGUMENT,
          "table "
              + view.schema().tableName()
              + " has no primary key, so there is nothing to replace");
    }
    if (codec.wantsId(row)) {
      return insertAll(List.of(row)).thenApply(added -> null);
    }
    Object[] after = codec.values(row);
    Bytes key = codec.key(after, 0);
    return keys.chosen(after)
        .thenCompose(
            noted ->
                view.hasEntries()
                    ? store.current(List.of(key)).thenCompose(found -> replace(key, found, after))
                    : replace(key, Map.of(), after));
  }

  private CompletableFuture<Void> replace(Bytes key, Map<Bytes, Bytes> found, Object[] after) {
    Bytes stored = found.get(key);
    Object[] before = stored == null ? null : codec.decodeValues(key, stored);
    return store.apply(new RowChange(view, codec).replace(key, before, after).changes());
  }

  CompletableFuture<Boolean> update(Row changes) {
    return updateAt(codec.keyOf(codec.primaryKeyOf(changes)), changes);
  }

  CompletableFuture<Boolean> updateAt(Bytes rowKey, Row changes) {
    return stored(rowKey)
        .thenCompose(
            before -> {
              if (before.isEmpty()) {
                return CompletableFuture.completedFuture(false);
              }
              Object[] after = codec.changed(before.get(), changes);
              if (!view.hasHiddenRowId() && !codec.key(after, 0).equals(rowKey)) {
                throw new InvalidRequestException(
                    ErrorCode.INVALID_ARGUMENT,
                    "an update of table "
                        + view.schema().tableName()
                        + " must not change a primary key");
              }
              return store
                  .apply(new RowChange(view, codec).replace(rowKey, before.get(), after).changes())
                  .thenApply(done -> true);
            });
  }

  CompletableFuture<Boolean> deleteAt(Bytes rowKey) {
    return stored(rowKey)
        .thenCompose(
            before ->
                before.isEmpty()
                    ? CompletableFuture.completedFuture(false)
                    : store
                        .apply(new RowChange(view, codec).delete(rowKey, before.get()).changes())
                        .thenApply(done -> true));
  }

  private CompletableFuture<Optional<Object[]>> stored(Bytes rowKey) {
    return store
        .current(List.of(rowKey))
        .thenApply(
            found ->
                Optional.ofNullable(found.get(rowKey))
                    .map(value -> codec.decodeValues(rowKey, value)));
  }
}
