package io.arrowraft.server.split;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.server.apply.Counts;
import io.arrowraft.server.state.KeyRanges;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EngineReader;
import io.arrowraft.storage.engine.IterateOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One pass over a region's data that counts it and finds where to cut it into parts of even size.
 */
public final class RegionScan {
  /** A split makes at most this many new regions; the rest is left to the next one. */
  private static final int SPLIT_KEYS_MAX = 16;

  private static final byte WRITE_PUT = 'P';
  private static final byte WRITE_DELETE = 'D';

  private final Region region;
  private final long splitBytes;
  private final long splitKeys;
  private final List<byte[]> cuts = new ArrayList<>();
  private final List<Cursor> cursors = new ArrayList<>();
  private long bytes;
  private long bytesAtCut;
  private long keysAtCut;
  private long keys;
  private long deletes;

  /**
   * What a scan found.
   *
   * @param counts exact as of the reader's state
   * @param splitKeys beginnings of rows where to cut; empty if the region is small enough
   */
  public record Result(Counts counts, List<byte[]> splitKeys) {
    public Result {
      splitKeys = List.copyOf(splitKeys);
    }
  }

  private record Cursor(ColumnFamily family, EngineIterator pairs) {}

  private RegionScan(Region region, long splitBytes, long splitKeys) {
    this.region = region;
    this.splitBytes = splitBytes;
    this.splitKeys = splitKeys;
  }

  /**
   * Scans a region.
   *
   * @param splitBytes the size of the parts wanted
   * @param splitKeys the keys of the parts wanted; a region below one and a half of both is not cut
   */
  public static Result run(EngineReader data, Region region, long splitBytes, long splitKeys) {
    RegionScan scan = new RegionScan(region, splitBytes, splitKeys);
    IterateOptions range =
        IterateOptions.range(region.getStartKey().toByteArray(), region.getEndKey().toByteArray())
            .withoutFillingCache();
    try {
      for (ColumnFamily family :
          List.of(ColumnFamily.DEFAULT, ColumnFamily.WRITE, ColumnFamily.RAW)) {
        EngineIterator pairs = data.iterator(family, range);
        scan.cursors.add(new Cursor(family, pairs));
        pairs.seekToFirst();
      }
      scan.walk();
    } finally {
      scan.cursors.forEach(cursor -> cursor.pairs().close());
    }
    return new Result(new Counts(scan.bytes, scan.keys, scan.deletes), scan.splitKeys());
  }

  private void walk() {
    byte[][] heads = new byte[cursors.size()][];
    for (int i = 0; i < heads.length; i++) {
      heads[i] = headOf(cursors.get(i));
    }
    int smallest;
    while ((smallest = smallestOf(heads)) >= 0) {
      Cursor cursor = cursors.get(smallest);
      take(cursor.family(), heads[smallest], cursor.pairs().value());
      cursor.pairs().next();
      heads[smallest] = headOf(cursor);
    }
  }

  private void take(ColumnFamily family, byte[] key, byte[] value) {
    boolean full = bytes - bytesAtCut >= splitBytes || keys - keysAtCut >= splitKeys;
    if (full && cuts.size() < SPLIT_KEYS_MAX) {
      byte[] row = KeyRanges.rowBoundary(key);
      byte[] last = cuts.isEmpty() ? null : cuts.get(cuts.size() - 1);
      // A row larger than a part cannot be divided: its beginning is behind the last cut.
      if (KeyRanges.containsInside(region, row)
          && (last == null || Arrays.compareUnsigned(last, row) < 0)) {
        cuts.add(row);
        bytesAtCut = bytes;
        keysAtCut = keys;
      }
    }
    bytes += key.length + value.length;
    if (family == ColumnFamily.RAW) {
      keys++;
    } else if (family == ColumnFamily.WRITE && value.length > 0) {
      keys += value[0] == WRITE_PUT || value[0] == WRITE_DELETE ? 1 : 0;
      deletes += value[0] == WRITE_DELETE ? 1 : 0;
    }
  }

  private List<byte[]> splitKeys() {
    if (bytes < splitBytes + splitBytes / 2 && keys < splitKeys + splitKeys / 2) {
      return List.of();
    }
    // A remainder that is small would only be merged again.
    boolean small = bytes - bytesAtCut < splitBytes / 2 && keys - keysAtCut < splitKeys / 2;
    if (!cuts.isEmpty() && small) {
      cuts.remove(cuts.size() - 1);
    }
    return cuts;
  }

  private static byte[] headOf(Cursor cursor) {
    return cursor.pairs().valid() ? cursor.pairs().key() : null;
  }

  private static int smallestOf(byte[][] heads) {
    int smallest = -1;
    for (int i = 0; i < heads.length; i++) {
      if (heads[i] != null
          && (smallest < 0 || Arrays.compareUnsigned(heads[i], heads[smallest]) < 0)) {
        smallest = i;
      }
    }
    return smallest;
  }
}
