package io.arrowraft.client.table;

import io.arrowraft.client.bulk.PairSource;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.error.TransactionAbortedException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.AutoId;
import io.arrowraft.table.IndexEntries;
import io.arrowraft.table.IndexEntry;
import io.arrowraft.table.SchemaState;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableSchema;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Rows as pairs, each before its index entries, under hidden row ids where there is no key. */
final class RowSource implements PairSource {
  private static final int IDS_PER_TURN = 100_000;

  private final TableView view;
  private final RowCodec codec;
  private final RowIds rowIds;
  private final Supplier<CompletableFuture<TableSchema>> currentSchema;
  private final Iterator<Row> rows;
  private final Bytes rowPrefix;
  private final ArrayDeque<KeyValue> entries = new ArrayDeque<>();

  // Handed on from the client's loop to whoever reads, by the future of prepare.
  private boolean checked;
  private long nextId;
  private int idsLeft;
  private long greatestId;

  RowSource(
      TableView view,
      RowIds rowIds,
      Supplier<CompletableFuture<TableSchema>> currentSchema,
      Iterator<Row> rows) {
    this.view = view;
    this.codec = view.codec();
    this.rowIds = rowIds;
    this.currentSchema = currentSchema;
    this.rows = rows;
    this.rowPrefix = Bytes.wrap(TableKeys.rowPrefix(view.schema().tableId()));
  }

  @Override
  public CompletableFuture<Void> prepare() {
    if (!checked) {
      checked = true;
      return requireSameSchema().thenCompose(same -> prepare());
    }
    if (isPrepared()) {
      return CompletableFuture.completedFuture(null);
    }
    return rowIds
        .take(IDS_PER_TURN)
        .thenAccept(
            first -> {
              nextId = first;
              idsLeft = IDS_PER_TURN;
            });
  }

  private CompletableFuture<Void> requireSameSchema() {
    return currentSchema
        .get()
        .thenAccept(
            now -> {
              if (now.tableId() != view.schema().tableId()
                  || now.schemaVersion() != view.schema().schemaVersion()
                  || now.state() != SchemaState.PUBLIC) {
                throw new TransactionAbortedException(
                    ErrorCode.SCHEMA_CHANGED,
                    "the definition of table "
                        + now.tableName()
                        + " has changed since the import began: empty the table and import again");
              }
            });
  }

  @Override
  public boolean isPrepared() {
    return !view.hasHiddenRowId() || idsLeft > 0;
  }

  @Override
  public KeyValue next() {
    if (!entries.isEmpty()) {
      return entries.poll();
    }
    if (!rows.hasNext()) {
      return null;
    }
    Row row = rows.next();
    if (codec.wantsId(row)) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_VALUE,
          "a row to import into table "
              + view.schema().tableName()
              + " has no id: give each its own, or insert the rows in transactions");
    }
    Object[] values = codec.values(row);
    Bytes key = codec.key(values, nextId);
    if (view.hasHiddenRowId()) {
      nextId++;
      idsLeft--;
    }
    note(values);
    for (IndexEntry entry : IndexEntries.all(view.written(), values, key.unsafeArray())) {
      if (entry.index().state().adds()) {
        entries.add(new KeyValue(bytes(entry.key()), bytes(entry.value())));
      }
    }
    return new KeyValue(key, codec.encode(values));
  }

  private static Bytes bytes(io.arrowraft.table.Bytes bytes) {
    return Bytes.wrap(bytes.toByteArray());
  }

  /** A counter must not give out later what a row has now. */
  private void note(Object[] values) {
    AutoId autoId = view.schema().autoId();
    if (autoId instanceof AutoId.None) {
      return;
    }
    int position = view.schema().indexOf(view.schema().primaryKeyColumns().get(0).id());
    long id = ((Number) values[position]).longValue();
    long number =
        autoId instanceof AutoId.Random random ? id & (1L << random.counterBits()) - 1 : id;
    greatestId = Math.max(greatestId, number);
  }

  @Override
  public boolean counts(KeyValue pair) {
    return pair.key().startsWith(rowPrefix);
  }

  @Override
  public CompletableFuture<Void> verify() {
    return requireSameSchema()
        .thenCompose(
            same ->
                greatestId > 0 ? rowIds.skip(greatestId) : CompletableFuture.completedFuture(null));
  }
}
