package io.arrowraft.client.table.change;

import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.table.schema.MetaKeys;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.IndexEntries;
import io.arrowraft.table.IndexEntry;
import io.arrowraft.table.IndexSchema;
import io.arrowraft.table.KeyText;
import io.arrowraft.table.RowReader;
import io.arrowraft.table.TableSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Fills an index from a range of rows, a batch a transaction. All writers keep the index by now, so
 * a row is read, locked and given its entry in one transaction: had anybody changed it since, the
 * lock would fail. The batch grows while it goes well and is halved when writers get in its way.
 */
final class Backfill {
  private static final int BATCH_MAX = 512;
  static final int BATCH_FIRST = 64;

  private int batch;

  /**
   * @param rows of the first batch
   */
  Backfill(int rows) {
    this.batch = rows;
  }

  /** Rows of the next batch. */
  int size() {
    return batch;
  }

  void wentWell() {
    batch = Math.min(BATCH_MAX, batch * 2);
  }

  void lost() {
    batch = Math.max(1, batch / 2);
  }

  /**
   * What became of a batch.
   *
   * @param violation why the index cannot be: two rows have one key; empty if all is well
   */
  record Added(FillPart part, Optional<String> violation) {}

  /**
   * Adds the entries of the next rows of a part, and to its record how far it has come.
   *
   * @param part as {@code transaction} reads it
   */
  CompletableFuture<Added> add(
      Transaction transaction, Job job, FillPart part, TableSchema schema) {
    return transaction
        .scan(part.next(), part.end(), batch)
        .thenCompose(page -> addAll(transaction, job, part, schema, page));
  }

  private CompletableFuture<Added> addAll(
      Transaction transaction, Job job, FillPart part, TableSchema schema, ScanPage page) {
    IndexSchema index = schema.indexById(job.objectId()).orElseThrow();
    TableSchema written = schema.asWritten();
    RowReader reader = new RowReader(written);
    Map<Bytes, Due> due = new LinkedHashMap<>();
    for (KeyValue pair : page.pairs()) {
      byte[] rowKey = pair.key().unsafeArray();
      IndexEntry entry =
          IndexEntries.of(written, index, reader.read(rowKey, pair.value().unsafeArray()), rowKey);
      Bytes key = Bytes.wrap(entry.key().toByteArray());
      Due twin =
          due.put(
              key, new Due(pair.key(), Bytes.wrap(entry.value().toByteArray()), entry.distinct()));
      if (twin != null) {
        return CompletableFuture.completedFuture(
            new Added(part, Optional.of(violation(schema, index, key, twin.rowKey(), pair.key()))));
      }
    }
    List<Bytes> distinct = new ArrayList<>();
    due.forEach(
        (key, entry) -> {
          if (entry.distinct()) {
            distinct.add(key);
          }
        });
    return (distinct.isEmpty()
            ? CompletableFuture.completedFuture(Map.<Bytes, Bytes>of())
            : transaction.batchGet(distinct))
        .thenApply(
            present -> {
              Optional<String> violation = put(transaction, schema, index, due, present);
              if (violation.isPresent()) {
                return new Added(part, violation);
              }
              int rows = page.pairs().size();
              FillPart after =
                  page.continuation()
                      .map(next -> part.after(rows, next))
                      .orElseGet(() -> part.completedAfter(rows));
              transaction.put(MetaKeys.fillPart(job.id(), part.number()), after.encode());
              return new Added(after, violation);
            });
  }

  private record Due(Bytes rowKey, Bytes value, boolean distinct) {}

  private static Optional<String> put(
      Transaction transaction,
      TableSchema schema,
      IndexSchema index,
      Map<Bytes, Due> due,
      Map<Bytes, Bytes> present) {
    for (Map.Entry<Bytes, Bytes> each : present.entrySet()) {
      Due entry = due.get(each.getKey());
      if (!each.getValue().equals(entry.value())) {
        Bytes other =
            Bytes.wrap(
                IndexEntries.rowKeyOf(
                    schema, index, each.getKey().unsafeArray(), each.getValue().unsafeArray()));
        return Optional.of(violation(schema, index, each.getKey(), other, entry.rowKey()));
      }
    }
    due.forEach(
        (key, entry) -> {
          // One that is there was put by a writer, who keeps it.
          if (!present.containsKey(key)) {
            transaction.put(key, entry.value());
            transaction.lock(entry.rowKey());
          }
        });
    return Optional.empty();
  }

  private static String violation(
      TableSchema schema, IndexSchema index, Bytes key, Bytes oneRow, Bytes otherRow) {
    return "the rows with "
        + KeyText.of(schema, oneRow.unsafeArray())
        + " and "
        + KeyText.of(schema, otherRow.unsafeArray())
        + " have the same "
        + KeyText.of(schema, key.unsafeArray())
        + ", and index "
        + index.name()
        + " is to be unique";
  }
}
