package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EngineReader;
import io.arrowraft.storage.engine.IterateOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Reads raw data as of one second: expired values are as good as gone, removed or not. */
public final class RawReader {
  private final EngineReader engine;
  private final long nowSeconds;

  /** A raw key and its value; the value is empty in a key-only scan. */
  public record Entry(Bytes key, RawValue value) {}

  /**
   * Entries in the order of the scan.
   *
   * @param cutByBytes whether the scan stopped at the bound in bytes, with more to come
   */
  public record Page(List<Entry> entries, boolean cutByBytes) {
    public Page {
      entries = List.copyOf(entries);
    }
  }

  /**
   * What to scan.
   *
   * @param start inclusive; empty for none
   * @param end exclusive; empty for none
   * @param limit how many entries at most
   * @param bytesMax at how many bytes of keys and values to stop
   */
  public record Scan(
      Bytes start, Bytes end, int limit, long bytesMax, boolean keyOnly, boolean reverse) {
    public Scan {
      Objects.requireNonNull(start, "start");
      Objects.requireNonNull(end, "end");
    }
  }

  public RawReader(EngineReader engine, long nowSeconds) {
    this.engine = Objects.requireNonNull(engine, "engine");
    this.nowSeconds = nowSeconds;
  }

  /** The value of a key, or null when it is absent or expired. */
  public RawValue get(Bytes key) {
    byte[] stored = engine.get(ColumnFamily.RAW, key.unsafeArray());
    return stored == null ? null : live(stored);
  }

  public Page scan(Scan scan) {
    List<Entry> entries = new ArrayList<>();
    long bytes = 0;
    IterateOptions bounds =
        IterateOptions.range(scan.start().unsafeArray(), scan.end().unsafeArray());
    try (EngineIterator iterator = engine.iterator(ColumnFamily.RAW, bounds)) {
      boolean on = scan.reverse() ? iterator.seekToLast() : iterator.seekToFirst();
      while (on && entries.size() < scan.limit()) {
        if (bytes >= scan.bytesMax()) {
          return new Page(entries, true);
        }
        RawValue value = live(iterator.value());
        if (value != null) {
          Bytes key = Bytes.wrap(iterator.key());
          RawValue shown =
              scan.keyOnly() ? new RawValue(Bytes.EMPTY, value.expiresAtSeconds()) : value;
          entries.add(new Entry(key, shown));
          bytes += key.length() + (long) shown.value().length();
        }
        on = scan.reverse() ? iterator.prev() : iterator.next();
      }
    }
    return new Page(entries, false);
  }

  private RawValue live(byte[] stored) {
    RawValue value = RawValue.decode(stored);
    return value.isExpiredAt(nowSeconds) ? null : value;
  }
}
