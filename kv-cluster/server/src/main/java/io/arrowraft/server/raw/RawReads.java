package io.arrowraft.server.raw;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.region.KeySpan;
import io.arrowraft.server.region.QueryKind;
import io.arrowraft.server.region.RegionLoad;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.txn.KeyBounds;
import io.arrowraft.server.txn.ResponseTooLargeException;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.txn.RawValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Point reads of raw data. */
public final class RawReads {
  private RawReads() {}

  /** The value that lives at {@code nowSeconds}; empty if the key is absent or has expired. */
  public static Optional<RawValue> get(RegionSnapshot snapshot, byte[] key, long nowSeconds) {
    KeyBounds.of(snapshot.region()).requireContains(key);
    Optional<RawValue> live = read(snapshot, key, nowSeconds);
    RegionLoad load = snapshot.load();
    load.onRead(
        QueryKind.GET, 1, key.length + live.map(value -> (long) value.value().length()).orElse(0L));
    if (load.isSampleWanted()) {
      load.sample(KeySpan.of(key));
    }
    return live;
  }

  /**
   * The pairs that live, in the order of {@code keys}.
   *
   * @throws ResponseTooLargeException past {@code bytesMax}
   */
  public static List<RawPair> batchGet(
      RegionSnapshot snapshot, List<byte[]> keys, long nowSeconds, long bytesMax) {
    KeyBounds bounds = KeyBounds.of(snapshot.region());
    List<RawPair> pairs = new ArrayList<>(keys.size());
    long bytes = 0;
    for (byte[] key : keys) {
      bounds.requireContains(key);
      Optional<RawValue> live = read(snapshot, key, nowSeconds);
      if (live.isPresent()) {
        bytes += key.length + (long) live.get().value().length();
        if (bytes > bytesMax) {
          throw new ResponseTooLargeException("raw batch get", bytesMax);
        }
        pairs.add(new RawPair(Bytes.wrap(key), live.get().value()));
      }
    }
    RegionLoad load = snapshot.load();
    load.onRead(QueryKind.GET, keys.size(), bytes);
    if (!keys.isEmpty() && load.isSampleWanted()) {
      load.sample(KeySpan.of(keys.get(0)));
    }
    return pairs;
  }

  static Optional<RawValue> read(RegionSnapshot snapshot, byte[] key, long nowSeconds) {
    byte[] stored = snapshot.data().get(ColumnFamily.RAW, key);
    return Optional.ofNullable(stored)
        .map(RawValue::decode)
        .filter(value -> !value.isExpiredAt(nowSeconds));
  }
}
