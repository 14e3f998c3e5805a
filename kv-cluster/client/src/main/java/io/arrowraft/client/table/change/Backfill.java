package io.arrowraft.client.table.change;

import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.table.schema.MetaKeys;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.IndexEntries;
import io.arrowraft.table.IndexEntry;
import io.arrowraft.table.IndexSchema;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.KeyText;
import io.arrowraft.table.RowReader;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Fills an index from rows, a batch a transaction. All writers keep the index by now, so a row is
 * read, locked and given its entry in one transaction: had anybody changed it since, the lock would
 * fail. The batch grows while it goes well and is halved when writers get in its way.
 */
final class Backfill {
  private static final int BATCH_MAX = 512;
  private static final int BATCH_FIRST = 64;

  private int batch = BATCH_FIRST;

  void wentWell() {
    batch = Math.min(BATCH_MAX, batch * 2);
  }

  void lost() {
    batch = Math.max(1, batch / 2);
  }

  /**
   * Adds the entries of the next rows, and to the job's record how far it has come.
   *
   * @param job as {@code transaction} reads it
   * @return why the index cannot be: two rows have one key; empty if all is well
   */
  CompletableFuture<Optional<String>> add(Transaction transaction, Job job, TableSchema schema) {
    KeyRange rows = TableKeys.tableRange(schema.tableId());
    Bytes from =
        job.fill().next().isEmpty() ? Bytes.wrap(rows.start().toByteArray()) : job.fill().next();
    return transaction
        .scan(from, Bytes.wrap(rows.end().toByteArray()), batch)
        .thenCompose(page -> addAll(transaction, job, schema, page));
  }

  private CompletableFuture<Optional<String>> addAll(
      Transaction transaction, Job job, TableSchema schema, ScanPage page) {
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
            Optional.of(violation(schema, index, key, twin.rowKey(), pair.key())));
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
              if (violation.isEmpty()) {
                Job.Fill before = job.fill();
                Job.Fill after =
                    new Job.Fill(
                        page.continuation().orElse(Bytes.EMPTY),
                        before.rowsDone() + page.pairs().size(),
                        before.rowsExpected(),
                        page.continuation().isEmpty());
                transaction.put(MetaKeys.job(job.id()), JobCodec.encode(job.filled(after)));
              }
              return violation;
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
