package io.arrowraft.server.raw;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.region.QueryKind;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.txn.KeyBounds;
import io.arrowraft.server.txn.WriteCommand;
import io.arrowraft.server.txn.WriteOutcome;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Deletes the raw keys of a range inside one region; transactional data under the same keys stays.
 *
 * @param start inclusive
 * @param end exclusive; empty for the region's end
 */
public record RawDeleteRange(byte[] start, byte[] end) implements WriteCommand<Void> {
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
    bounds.requireContains(start);
    if (end.length > 0) {
      bounds.requireContainsAsEnd(end);
    }
    byte[] last = bounds.clampEnd(end);
    if (last.length > 0 && Arrays.compareUnsigned(start, last) >= 0) {
      return WriteOutcome.unchanged(null);
    }
    return new WriteOutcome<>(
        null, List.of(new WriteBatch.DeleteRange(ColumnFamily.RAW, start, last)));
  }
}
