package io.arrowraft.server.raw;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.region.QueryKind;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.txn.KeyBounds;
import io.arrowraft.server.txn.ReadCancelledException;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.IterateOptions;
import io.arrowraft.storage.txn.RawValue;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A checksum of raw pairs that does not depend on how they are divided: the CRC-64 (ECMA-182,
 * reflected, as in xz) of key and value, exclusive-or over all pairs.
 *
 * @param pairs that live
 * @param bytes of their keys and values
 */
public record RawChecksum(long checksum, long pairs, long bytes) {
  private static final long POLYNOMIAL = 0xC96C5795D7870F42L;
  private static final long[] TABLE = table();
  private static final int PAIRS_PER_LOOK = 1024;

  /**
   * A range of raw keys.
   *
   * @param end exclusive; empty for the region's end
   */
  public record Range(byte[] start, byte[] end) {}

  /**
   * Sums up ranges inside one region.
   *
   * @throws ReadCancelledException if nobody waits for the answer any more
   */
  public static RawChecksum of(
      RegionSnapshot snapshot, List<Range> ranges, long nowSeconds, BooleanSupplier cancelled) {
    KeyBounds bounds = KeyBounds.of(snapshot.region());
    long checksum = 0;
    long pairs = 0;
    long bytes = 0;
    for (Range range : ranges) {
      bounds.requireContains(range.start());
      if (range.end().length > 0) {
        bounds.requireContainsAsEnd(range.end());
      }
      byte[] last = bounds.clampEnd(range.end());
      if (last.length > 0 && Arrays.compareUnsigned(range.start(), last) >= 0) {
        continue;
      }
      IterateOptions options = IterateOptions.range(range.start(), last).withoutFillingCache();
      try (EngineIterator stored = snapshot.data().iterator(ColumnFamily.RAW, options)) {
        for (boolean on = stored.seekToFirst(); on; on = stored.next()) {
          RawValue value = RawValue.decode(stored.value());
          if (value.isExpiredAt(nowSeconds)) {
            continue;
          }
          byte[] key = stored.key();
          Bytes content = value.value();
          checksum ^= ~update(update(-1L, key), content.unsafeArray());
          bytes += key.length + (long) content.length();
          if (++pairs % PAIRS_PER_LOOK == 0 && cancelled.getAsBoolean()) {
            throw new ReadCancelledException();
          }
        }
      }
    }
    snapshot.load().onRead(QueryKind.SCAN, pairs, bytes);
    return new RawChecksum(checksum, pairs, bytes);
  }

  /** The CRC-64 of some bytes. */
  static long crc64(byte[] content) {
    return ~update(-1L, content);
  }

  private static long update(long register, byte[] content) {
    long value = register;
    for (byte each : content) {
      value = TABLE[((int) value ^ each) & 0xff] ^ (value >>> 8);
    }
    return value;
  }

  private static long[] table() {
    long[] table = new long[256];
    for (int i = 0; i < table.length; i++) {
      long value = i;
      for (int bit = 0; bit < 8; bit++) {
        value = (value & 1) == 0 ? value >>> 1 : (value >>> 1) ^ POLYNOMIAL;
      }
      table[i] = value;
    }
    return table;
  }
}
