package io.arrowraft.server.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.region.QueryKind;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Deletes all versions, locks and values of a range inside one region: for data that nobody uses
 * any more, such as that of a dropped table. It is no transaction; raw data under the same keys
 * stays.
 *
 * @param start encoded, inclusive; empty for the beginning of the key space
 * @param end encoded, exclusive; empty for the end of the key space
 * @param clamped what lies outside of the region is left out, and not refused
 * @param notifyOnly delete nothing: the data is about to go by other means
 */
public record TxnDeleteRange(byte[] start, byte[] end, boolean clamped, boolean notifyOnly)
    implements WriteCommand<Void> {
  private static final List<ColumnFamily> FAMILIES =
      List.of(ColumnFamily.LOCK, ColumnFamily.WRITE, ColumnFamily.DEFAULT);

  @Override
  public Optional<QueryKind> kind() {
    return Optional.of(QueryKind.DELETE_RANGE);
  }

  @Override
  public List<Bytes> latchKeys() {
    return List.of();
  }

  @Override
  public long byteSize() {
    return start.length + (long) end.length;
  }

  @Override
  public boolean addsData() {
    return false;
  }

  @Override
  public boolean needsWorker() {
    return false;
  }

  @Override
  public WriteOutcome<Void> evaluate(RegionSnapshot snapshot) {
    KeyBounds bounds = KeyBounds.of(snapshot.region());
    if (!clamped) {
      bounds.requireContains(start);
      if (end.length > 0) {
        bounds.requireContainsAsEnd(end);
      }
    }
    byte[] first = bounds.clampStart(start);
    byte[] last = bounds.clampEnd(end);
    if (notifyOnly || (last.length > 0 && Arrays.compareUnsigned(first, last) >= 0)) {
      return WriteOutcome.unchanged(null);
    }
    List<WriteBatch.Operation> deletes = new ArrayList<>();
    for (ColumnFamily family : FAMILIES) {
      deletes.add(new WriteBatch.DeleteRange(family, first, last));
    }
    return new WriteOutcome<>(null, deletes);
  }
}
