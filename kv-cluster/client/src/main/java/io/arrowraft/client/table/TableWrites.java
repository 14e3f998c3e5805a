package io.arrowraft.client.table;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.txn.WritableTransaction;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.AutoId;
import io.arrowraft.table.IndexEntries;
import io.arrowraft.table.IndexEntry;
import io.arrowraft.table.ValueException;
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
  private final RowIds rowIds;

  TableWrites(TableView view, WritableTransaction transaction, RowIds rowIds) {
    this.view = view;
    this.codec = view.codec();
    this.transaction = transaction;
    this.store = RowStore.of(transaction);
    this.rowIds = rowIds;
  }

  /** The rows as they were added, with the keys that they were given. */
  CompletableFuture<List<Row>> insertAll(List<Row> rows) {
    return identified(rows)
        .thenCompose(
            identified -> {
              RowChange change = new RowChange(view, codec);
              for (Identified row : identified) {
                change.insert(row.key(), row.values(), row.keyIsNew());
              }
              return store
                  .apply(change.changes())
                  .thenApply(
                      done -> identified.stream().map(row -> codec.row(row.values())).toList());
            });
  }

  /** Whether the row was added: nothing had its primary key or a unique index's key. */
  CompletableFuture<Boolean> insertIgnore(Row row) {
    return identified(List.of(row))
        .thenCompose(
            identified -> {
              Identified only = identified.get(0);
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

  private List<IndexEntry> entries(Identified row) {
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
    return chosen(after)
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

  // Ids.

  /**
   * A row with its key.
   *
   * @param keyIsNew whether no row can have it yet
   */
  private record Identified(Bytes key, Object[] values, boolean keyIsNew) {}

  private CompletableFuture<List<Identified>> identified(List<Row> rows) {
    boolean hidden = view.hasHiddenRowId();
    int wanted = 0;
    CompletableFuture<Void> noted = CompletableFuture.completedFuture(null);
    for (Row row : rows) {
      // Encoded before ids are taken, so that a bad row is refused at once.
      boolean wantsId = codec.wantsId(row);
      Object[] values = codec.values(row, wantsId ? 1L : null);
      codec.encode(values);
      if (hidden || wantsId) {
        wanted++;
      } else {
        noted = noted.thenCompose(before -> chosen(values));
      }
    }
    int ids = wanted;
    return noted
        .thenCompose(done -> ids == 0 ? CompletableFuture.completedFuture(0L) : rowIds.take(ids))
        .thenApply(first -> identified(rows, first));
  }

  private List<Identified> identified(List<Row> rows, long firstId) {
    List<Identified> identified = new ArrayList<>(rows.size());
    long next = firstId;
    for (Row row : rows) {
      if (view.hasHiddenRowId()) {
        Object[] values = codec.values(row);
        identified.add(new Identified(codec.key(values, next++), values, true));
      } else if (codec.wantsId(row)) {
        Object[] values = codec.values(row, idOf(next++));
        identified.add(new Identified(codec.key(values, 0), values, false));
      } else {
        Object[] values = codec.values(row);
        identified.add(new Identified(codec.key(values, 0), values, false));
      }
    }
    return identified;
  }

  private long idOf(long number) {
    if (!(view.schema().autoId() instanceof AutoId.Random random)) {
      return number;
    }
    try {
      return random.idOf(number, transaction.timestamp().value());
    } catch (ValueException usedUp) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_VALUE,
          "table " + view.schema().tableName() + ": " + usedUp.getMessage(),
          usedUp);
    }
  }

  /** A counter must not give out later what a user has chosen now. */
  private CompletableFuture<Void> chosen(Object[] values) {
    AutoId autoId = view.schema().autoId();
    if (autoId instanceof AutoId.None) {
      return CompletableFuture.completedFuture(null);
    }
    int position = view.schema().indexOf(view.schema().primaryKeyColumns().get(0).id());
    long id = ((Number) values[position]).longValue();
    long number =
        autoId instanceof AutoId.Random random ? id & (1L << random.counterBits()) - 1 : id;
    return number > 0 ? rowIds.skip(number) : CompletableFuture.completedFuture(null);
  }
}
