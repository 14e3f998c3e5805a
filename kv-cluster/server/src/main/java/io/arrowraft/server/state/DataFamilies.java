package io.arrowraft.server.state;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.List;

/** The families that hold a region's data, in the order in which they are hashed and sent. */
public final class DataFamilies {
  private static final List<ColumnFamily> ALL =
      List.of(ColumnFamily.DEFAULT, ColumnFamily.LOCK, ColumnFamily.WRITE, ColumnFamily.RAW);

  private DataFamilies() {}

  public static List<ColumnFamily> all() {
    return ALL;
  }

  /** Removes everything in the region's range. */
  public static void deleteRange(WriteBatch batch, Region region) {
    deleteRange(batch, region.getStartKey().toByteArray(), region.getEndKey().toByteArray());
  }

  /** Removes everything from {@code start} up to {@code end}. */
  public static void deleteRange(WriteBatch batch, byte[] start, byte[] end) {
    for (ColumnFamily family : ALL) {
      batch.deleteRange(family, start, end);
    }
  }
}
