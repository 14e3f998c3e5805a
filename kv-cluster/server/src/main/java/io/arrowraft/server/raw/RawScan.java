package io.arrowraft.server.raw;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.region.KeySpan;
import io.arrowraft.server.region.QueryKind;
import io.arrowraft.server.region.RegionLoad;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.txn.KeyBounds;
import io.arrowraft.server.txn.ResponseTooLargeException;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.IterateOptions;
import io.arrowraft.storage.txn.RawValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A scan of raw pairs in one region.
 *
 * @param lower first key that may come, inclusive; empty for none
 * @param upper first key that may not come, exclusive; empty for none
 * @param descending from the upper bound down
 * @param limit most pairs
 * @param keysOnly leave out the values
 * @param bytesMax most bytes of keys and values; more is an error, never a shorter answer
 */
public record RawScan(
    byte[] lower, byte[] upper, boolean descending, int limit, boolean keysOnly, long bytesMax) {
  /**
   * The pairs that live at {@code nowSeconds}; fewer than the limit means that the range is
   * exhausted in this region.
   *
   * @throws ResponseTooLargeException past {@code bytesMax}
   */
  public List<RawPair> run(RegionSnapshot snapshot, long nowSeconds) {
    KeyBounds bounds = KeyBounds.of(snapshot.region());
    // The bound that the scan starts from names the region that the caller meant.
    if (descending) {
      if (upper.length > 0) {
        bounds.requireContainsAsEnd(upper);
      }
    } else {
      bounds.requireContains(lower);
    }
    byte[] first = bounds.clampStart(lower);
    byte[] last = bounds.clampEnd(upper);
    List<RawPair> pairs = new ArrayList<>();
    if (limit == 0 || (last.length > 0 && Arrays.compareUnsigned(first, last) >= 0)) {
      return pairs;
    }
    IterateOptions options = IterateOptions.range(first, last).withoutFillingCache();
    long bytes = 0;
    try (EngineIterator iterator = snapshot.data().iterator(ColumnFamily.RAW, options)) {
      boolean valid = descending ? iterator.seekToLast() : iterator.seekToFirst();
      while (valid && pairs.size() < limit) {
        RawValue stored = RawValue.decode(iterator.value());
        if (!stored.isExpiredAt(nowSeconds)) {
          Bytes value = keysOnly ? Bytes.EMPTY : stored.value();
          RawPair pair = new RawPair(Bytes.wrap(iterator.key()), value);
          bytes += pair.key().length() + (long) value.length();
          if (bytes > bytesMax) {
            throw new ResponseTooLargeException("raw scan", bytesMax);
          }
          pairs.add(pair);
        }
        valid = descending ? iterator.prev() : iterator.next();
      }
    }
    RegionLoad load = snapshot.load();
    load.onRead(QueryKind.SCAN, pairs.size(), bytes);
    if (load.isSampleWanted()) {
      load.sample(covered(pairs, first, last));
    }
    return pairs;
  }

  /** What was read: a scan that its limit cut short did not touch the rest of its range. */
  private KeySpan covered(List<RawPair> pairs, byte[] first, byte[] last) {
    if (pairs.isEmpty() || pairs.size() < limit) {
      return new KeySpan(first, last);
    }
    byte[] reached = pairs.get(pairs.size() - 1).key().toByteArray();
    return descending ? new KeySpan(reached, last) : new KeySpan(first, KeySpan.of(reached).end());
  }
}
