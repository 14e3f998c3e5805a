package io.arrowraft.server.txn;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * All versions, locks and values of a range: data that nobody uses any more, such as that of a
 * dropped table. To remove it is no transaction; raw data under the same keys stays.
 *
 * @param start encoded, inclusive; empty for the beginning of the key space
 * @param end encoded, exclusive; empty for the end of the key space
 * @param clamped what lies outside of the region is left out, and not refused
 */
public record RangeRemoval(byte[] start, byte[] end, boolean clamped) {
  private static final List<ColumnFamily> FAMILIES =
      List.of(ColumnFamily.LOCK, ColumnFamily.WRITE, ColumnFamily.DEFAULT);

  /** What removes the part of it that lies in a region. */
  public List<WriteBatch.Operation> in(Region region) {
    KeyBounds bounds = KeyBounds.of(region);
    if (!clamped) {
      bounds.requireContains(start);
      if (end.length > 0) {
        bounds.requireContainsAsEnd(end);
      }
    }
    byte[] first = bounds.clampStart(start);
    byte[] last = bounds.clampEnd(end);
    if (last.length > 0 && Arrays.compareUnsigned(first, last) >= 0) {
      return List.of();
    }
    List<WriteBatch.Operation> deletes = new ArrayList<>();
    for (ColumnFamily family : FAMILIES) {
      deletes.add(new WriteBatch.DeleteRange(family, first, last));
    }
    return deletes;
  }
}
