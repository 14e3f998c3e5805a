package io.arrowraft.client.table;

import io.arrowraft.client.table.KeyChange.Kind;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.IndexEntries;
import io.arrowraft.table.IndexEntry;
import io.arrowraft.table.IndexSchema;
import io.arrowraft.table.TableSchema;
import java.util.ArrayList;
import java.util.List;

/**
 * What a change of one row does to the store: the row and the index entries that its indexes'
 * states ask for.
 *
 * <p>An entry that stays as it is is not written again, also where the index is still being filled:
 * whoever fills it reads the row in the transaction that adds the entry.
 */
final class RowChange {
  private final TableSchema schema;
  private final RowCodec codec;
  private final List<KeyChange> changes = new ArrayList<>();

  RowChange(TableView view, RowCodec codec) {
    this.schema = view.written();
    this.codec = codec;
  }

  List<KeyChange> changes() {
    return changes;
  }

  /** Adds a row where there is none. */
  RowChange insert(Bytes rowKey, Object[] values, boolean keyIsNew) {
    changes.add(new KeyChange(keyIsNew ? Kind.PUT : Kind.INSERT, rowKey, codec.encode(values)));
    addEntries(rowKey, null, values);
    return this;
  }

  /** Puts a row in the place of another one. */
  RowChange replace(Bytes rowKey, Object[] before, Object[] after) {
    changes.add(new KeyChange(Kind.PUT, rowKey, codec.encode(after)));
    addEntries(rowKey, before, after);
    return this;
  }

  /** Removes a row. */
  RowChange delete(Bytes rowKey, Object[] before) {
    changes.add(new KeyChange(Kind.DELETE, rowKey, Bytes.EMPTY));
    addEntries(rowKey, before, null);
    return this;
  }

  private void addEntries(Bytes rowKey, Object[] before, Object[] after) {
    for (IndexSchema index : schema.indexes()) {
      if (!index.state().removes()) {
        continue;
      }
      IndexEntry old = before == null ? null : entry(index, rowKey, before);
      IndexEntry made = after == null ? null : entry(index, rowKey, after);
      if (old != null && made != null && old.key().equals(made.key())) {
        continue;
      }
      if (old != null) {
        changes.add(new KeyChange(Kind.DELETE, bytes(old.key()), Bytes.EMPTY));
      }
      if (made != null && index.state().adds()) {
        Kind kind = made.distinct() ? Kind.INSERT : Kind.PUT;
        changes.add(new KeyChange(kind, bytes(made.key()), bytes(made.value())));
      }
    }
  }

  private IndexEntry entry(IndexSchema index, Bytes rowKey, Object[] values) {
    return IndexEntries.of(schema, index, values, rowKey.unsafeArray());
  }

  private static Bytes bytes(io.arrowraft.table.Bytes bytes) {
    return Bytes.wrap(bytes.toByteArray());
  }
}
