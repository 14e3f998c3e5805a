package io.arrowraft.client.table;

import io.arrowraft.client.fake.VirtualWorld;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.txn.TransactionalReader;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.IndexEntries;
import io.arrowraft.table.IndexEntry;
import io.arrowraft.table.IndexSchema;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.RowReader;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Compares a table's indexes with its rows, key by key, as they are stored. */
final class TableAudit {
  private final VirtualWorld world;

  TableAudit(VirtualWorld world) {
    this.world = world;
  }

  /** Every key of the index, and what the rows say it should hold. */
  record Comparison(Map<Bytes, Bytes> stored, Map<Bytes, Bytes> due) {}

  Comparison compare(TransactionalReader reader, TableSchema schema, String indexName) {
    IndexSchema index = schema.index(indexName).orElseThrow();
    TableSchema written = schema.asWritten();
    Map<Bytes, Bytes> due = new TreeMap<>();
    RowReader rows = new RowReader(written);
    for (KeyValue pair : all(reader, TableKeys.tableRange(schema.tableId()))) {
      Object[] row = rows.read(pair.key().toByteArray(), pair.value().toByteArray());
      IndexEntry entry = IndexEntries.of(written, index, row, pair.key().toByteArray());
      due.put(Bytes.wrap(entry.key().toByteArray()), Bytes.wrap(entry.value().toByteArray()));
    }
    Map<Bytes, Bytes> stored = new TreeMap<>();
    all(reader, TableKeys.indexRange(schema.tableId(), index.id()))
        .forEach(pair -> stored.put(pair.key(), pair.value()));
    return new Comparison(stored, due);
  }

  List<KeyValue> all(TransactionalReader reader, KeyRange range) {
    return world
        .await(
            reader.scan(
                Bytes.wrap(range.start().toByteArray()),
                Bytes.wrap(range.end().toByteArray()),
                100_000))
        .pairs();
  }
}
