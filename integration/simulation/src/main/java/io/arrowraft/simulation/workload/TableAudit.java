package io.arrowraft.simulation.workload;

import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.check.IndexHistory;
import io.arrowraft.table.IndexEntries;
import io.arrowraft.table.IndexEntry;
import io.arrowraft.table.IndexSchema;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.RowReader;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableSchema;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Reads a table's rows and the entries of its indexes as they are stored, all at one timestamp, and
 * tells a history how they compare.
 */
final class TableAudit {
  private static final int PAGE = 30;

  private final IndexHistory history;
  private final Snapshot snapshot;
  private final TableSchema schema;

  /** Rows as of the snapshot, with where they are stored; values in the order of the columns. */
  record StoredRow(Bytes key, Object[] values) {}

  /**
   * @param schema of the table as of the snapshot
   */
  TableAudit(IndexHistory history, Snapshot snapshot, TableSchema schema) {
    this.history = history;
    this.snapshot = snapshot;
    this.schema = schema;
  }

  /**
   * Compares every index with the rows.
   *
   * @return the rows, by {@link TableSchema#asWritten()}
   */
  CompletableFuture<List<StoredRow>> compare() {
    TableSchema written = schema.asWritten();
    RowReader reader = new RowReader(written);
    return all(TableKeys.tableRange(schema.tableId()))
        .thenApply(
            pairs -> {
              List<StoredRow> rows = new ArrayList<>();
              pairs.forEach(
                  pair ->
                      rows.add(
                          new StoredRow(
                              pair.key(),
                              reader.read(pair.key().toByteArray(), pair.value().toByteArray()))));
              return rows;
            })
        .thenCompose(
            rows -> {
              CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
              for (IndexSchema index : schema.indexes()) {
                done = done.thenCompose(before -> compare(index, written, rows));
              }
              return done.thenApply(compared -> rows);
            });
  }

  private CompletableFuture<Void> compare(
      IndexSchema index, TableSchema written, List<StoredRow> rows) {
    SortedMap<String, String> due = new TreeMap<>();
    for (StoredRow row : rows) {
      IndexEntry entry = IndexEntries.of(written, index, row.values(), row.key().toByteArray());
      due.put(hex(entry.key().toByteArray()), hex(entry.value().toByteArray()));
    }
    return entries(index.id())
        .thenAccept(
            stored ->
                history.read(
                    snapshot.timestamp().value(),
                    "%s (%d, %s)".formatted(index.name(), index.id(), index.state()),
                    index.state().reads(),
                    due,
                    stored));
  }

  /** Looks for what dropped indexes have left, once no change is under way. */
  CompletableFuture<Void> lookForRemains() {
    CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
    for (long id = 1; id <= schema.evolution().lastIndexId(); id++) {
      long dropped = id;
      if (schema.indexById(id).isEmpty()) {
        done =
            done.thenCompose(before -> entries(dropped))
                .thenAccept(
                    stored ->
                        history.readDropped(
                            snapshot.timestamp().value(), String.valueOf(dropped), stored));
      }
    }
    return done;
  }

  private CompletableFuture<SortedMap<String, String>> entries(long index) {
    return all(TableKeys.indexRange(schema.tableId(), index))
        .thenApply(
            pairs -> {
              SortedMap<String, String> stored = new TreeMap<>();
              pairs.forEach(
                  pair ->
                      stored.put(hex(pair.key().toByteArray()), hex(pair.value().toByteArray())));
              return stored;
            });
  }

  private CompletableFuture<List<KeyValue>> all(KeyRange range) {
    return Scans.all(
        snapshot,
        Bytes.wrap(range.start().toByteArray()),
        Bytes.wrap(range.end().toByteArray()),
        PAGE);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
