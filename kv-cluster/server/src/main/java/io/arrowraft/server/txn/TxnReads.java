package io.arrowraft.server.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.region.KeySpan;
import io.arrowraft.server.region.QueryKind;
import io.arrowraft.server.region.RegionLoad;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.storage.mvcc.EncodedRange;
import io.arrowraft.storage.mvcc.GetResult;
import io.arrowraft.storage.mvcc.KeyValueBatch;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.mvcc.MvccKeys;
import io.arrowraft.storage.mvcc.MvccReader;
import io.arrowraft.storage.mvcc.MvccScanner;
import io.arrowraft.storage.mvcc.ReadStatistics;
import io.arrowraft.storage.mvcc.ReadView;
import io.arrowraft.storage.mvcc.ScanEntry;
import io.arrowraft.storage.mvcc.ScanOptions;
import io.arrowraft.storage.mvcc.ScanResult;
import io.arrowraft.storage.mvcc.Timestamps;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Reads of transactional data over one region's snapshot. Keys are plain; those outside of the
 * region are refused, and so are timestamps that garbage collection has passed.
 */
public final class TxnReads {
  private TxnReads() {}

  /** An answer with what it cost. */
  public record Read<T>(T answer, ReadStatistics cost) {}

  public static Read<GetResult> get(RegionSnapshot snapshot, Bytes key, ReadView view) {
    snapshot.requireReadable(view.readTs());
    KeyBounds.of(snapshot.region()).requireContains(MvccKeys.encode(key));
    try (MvccReader reader = reader(snapshot)) {
      GetResult result = reader.get(key, view);
      count(snapshot, QueryKind.GET, key, reader.statistics());
      return new Read<>(result, reader.statistics());
    }
  }

  /**
   * Reads several keys; absent ones are left out, locked ones named.
   *
   * @throws ResponseTooLargeException past {@code bytesMax}
   */
  public static Read<List<ScanEntry>> batchGet(
      RegionSnapshot snapshot, List<Bytes> keys, ReadView view, long bytesMax) {
    snapshot.requireReadable(view.readTs());
    KeyBounds bounds = KeyBounds.of(snapshot.region());
    List<ScanEntry> entries = new ArrayList<>(keys.size());
    long bytes = 0;
    try (MvccReader reader = reader(snapshot)) {
      for (Bytes key : keys) {
        bounds.requireContains(MvccKeys.encode(key));
        GetResult result = reader.get(key, view);
        if (result instanceof GetResult.Found found) {
          bytes += key.length() + (long) found.value().length();
          if (bytes > bytesMax) {
            throw new ResponseTooLargeException("batch get", bytesMax);
          }
          entries.add(new ScanEntry.Row(key, found.value()));
        } else if (result instanceof GetResult.Locked locked) {
          entries.add(new ScanEntry.Blocked(locked.locked()));
        }
      }
      if (!keys.isEmpty()) {
        count(snapshot, QueryKind.GET, keys.get(0), reader.statistics());
      }
      return new Read<>(entries, reader.statistics());
    }
  }

  private static void count(
      RegionSnapshot snapshot, QueryKind kind, Bytes key, ReadStatistics cost) {
    RegionLoad load = snapshot.load();
    load.onRead(kind, cost.processedKeys(), cost.valueBytes());
    if (load.isSampleWanted()) {
      load.sample(KeySpan.of(MvccKeys.encode(key)));
    }
  }

  /**
   * A scan request in plain keys.
   *
   * @param lower inclusive; empty for the region's start
   * @param upper exclusive; empty for the region's end
   */
  public record Scan(Bytes lower, Bytes upper, boolean descending, boolean keysOnly, int limit) {}

  /**
   * Reads a range, naming locked keys in their places; fewer entries than the limit mean that the
   * range is exhausted in the region.
   *
   * @param buffers whose size bounds the answer
   * @throws ResponseTooLargeException if the answer fills a buffer; it is never shortened
   */
  public static Read<List<ScanEntry>> scan(
      RegionSnapshot snapshot,
      Scan scan,
      ReadView view,
      ScanBuffers buffers,
      BooleanSupplier cancelled) {
    snapshot.requireReadable(view.readTs());
    EncodedRange range = range(snapshot, scan);
    List<ScanEntry> entries = new ArrayList<>();
    if (scan.limit() == 0 || range.isEmpty()) {
      return new Read<>(entries, ReadStatistics.NONE);
    }
    ScanOptions options =
        (scan.descending() ? ScanOptions.backward(view) : ScanOptions.forward(view))
            .withKeyOnly(scan.keysOnly())
            .withCancelled(cancelled);
    KeyValueBatch batch = buffers.take();
    try (MvccScanner scanner = new MvccScanner(snapshot.data(), range, options)) {
      ScanResult result = collect(scanner, batch, entries, scan.limit());
      if (result instanceof ScanResult.Full && entries.size() < scan.limit()) {
        throw new ResponseTooLargeException("scan", buffers.bytesMax());
      }
      if (result instanceof ScanResult.Cancelled) {
        throw new ReadCancelledException();
      }
      countScan(snapshot, range, scan, entries, scanner.statistics());
      return new Read<>(entries, scanner.statistics());
    } finally {
      buffers.give(batch);
    }
  }

  private static void countScan(
      RegionSnapshot snapshot,
      EncodedRange range,
      Scan scan,
      List<ScanEntry> entries,
      ReadStatistics cost) {
    RegionLoad load = snapshot.load();
    load.onRead(QueryKind.SCAN, cost.processedKeys(), cost.valueBytes());
    if (!load.isSampleWanted()) {
      return;
    }
    byte[] start = range.lower().toByteArray();
    byte[] end = range.upper().toByteArray();
    // A scan that its limit cut short did not touch the rest of its range.
    if (entries.size() >= scan.limit()
        && entries.get(entries.size() - 1) instanceof ScanEntry.Row last) {
      byte[] reached = MvccKeys.encode(last.key());
      if (scan.descending()) {
        start = reached;
      } else {
        end = KeySpan.of(reached).end();
      }
    }
    load.sample(new KeySpan(start, end));
  }

  /** Scans past locks, naming each locked key in its place. */
  private static ScanResult collect(
      MvccScanner scanner, KeyValueBatch batch, List<ScanEntry> entries, int limit) {
    int taken = 0;
    int blocked = 0;
    while (true) {
      ScanResult result = scanner.fill(batch, limit - blocked);
      for (; taken < batch.rows(); taken++) {
        entries.add(new ScanEntry.Row(batch.key(taken), batch.value(taken)));
      }
      if (!(result instanceof ScanResult.Locked locked) || entries.size() == limit) {
        return result;
      }
      entries.add(new ScanEntry.Blocked(locked.locks().get(0)));
      blocked++;
      scanner.skipLocked();
    }
  }

  /** Locks of transactions that started at or before {@code maxTs}, in key order. */
  public static List<LockedKey> locks(
      RegionSnapshot snapshot, Bytes start, Bytes end, long maxTs, int limit) {
    KeyBounds bounds = KeyBounds.of(snapshot.region());
    if (!start.isEmpty()) {
      bounds.requireContains(MvccKeys.encode(start));
    }
    EncodedRange range = EncodedRange.ofUserKeys(start, end).intersect(encoded(bounds));
    try (MvccReader reader = reader(snapshot)) {
      return reader.locks(range, limit, lock -> !Timestamps.isAfter(lock.startTs(), maxTs));
    }
  }

  /** Reads keys of the region alone; the caller closes it before the snapshot. */
  public static MvccReader reader(RegionSnapshot snapshot) {
    return new MvccReader(snapshot.data(), encoded(KeyBounds.of(snapshot.region())));
  }

  /** The range of keys that a region holds. */
  public static EncodedRange encoded(KeyBounds bounds) {
    return new EncodedRange(Bytes.wrap(bounds.start()), Bytes.wrap(bounds.end()));
  }

  private static EncodedRange range(RegionSnapshot snapshot, Scan scan) {
    KeyBounds bounds = KeyBounds.of(snapshot.region());
    // The bound that the scan starts from names the region that the caller meant.
    Bytes from = scan.descending() ? scan.upper() : scan.lower();
    if (!from.isEmpty()) {
      if (scan.descending()) {
        bounds.requireContainsAsEnd(MvccKeys.encode(from));
      } else {
        bounds.requireContains(MvccKeys.encode(from));
      }
    }
    return EncodedRange.ofUserKeys(scan.lower(), scan.upper()).intersect(encoded(bounds));
  }
}
