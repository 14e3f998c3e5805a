package io.arrowraft.client.txn;

import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.keyvalue.ScanRange;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** A scan of the snapshot with the transaction's own writes laid over it. */
final class MergedScan {
  private final SnapshotReads reads;
  private final TreeMap<Bytes, Mutation> own;
  private final int limit;
  private final Backoff backoff;
  private final List<KeyValue> merged = new ArrayList<>();

  /**
   * @param own writes within the range
   */
  MergedScan(SnapshotReads reads, SortedMap<Bytes, Mutation> own, int limit, Backoff backoff) {
    this.reads = reads;
    this.own = new TreeMap<>(own);
    this.limit = limit;
    this.backoff = backoff;
  }

  CompletableFuture<ScanPage> from(ScanRange range) {
    return reads
        .scan(range, limit - merged.size(), backoff)
        .thenCompose(
            page -> {
              Optional<Bytes> cut = merge(range, page);
              if (cut.isPresent()) {
                return CompletableFuture.completedFuture(new ScanPage(merged, cut));
              }
              return page.continuation().isEmpty()
                  ? CompletableFuture.completedFuture(new ScanPage(merged, Optional.empty()))
                  : merged.size() >= limit
                      ? CompletableFuture.completedFuture(new ScanPage(merged, page.continuation()))
                      : from(range.continuedAt(page.continuation().get()));
            });
  }

  /** Adds a page and what the transaction wrote in its range; says where it had to stop. */
  private Optional<Bytes> merge(ScanRange range, ScanPage page) {
    TreeMap<Bytes, Bytes> rows = new TreeMap<>();
    page.pairs().forEach(pair -> rows.put(pair.key(), pair.value()));
    for (Mutation mutation : over(range, page).values()) {
      if (mutation.storesValue()) {
        rows.put(mutation.key(), range.keysOnly() ? Bytes.EMPTY : mutation.value());
      } else if (mutation.decidesReads()) {
        rows.remove(mutation.key());
      }
    }
    for (var row : (range.descending() ? rows.descendingMap() : rows).entrySet()) {
      if (merged.size() >= limit) {
        // What is left begins at this row, or ends after it, at the one before.
        return Optional.of(range.descending() ? merged.get(merged.size() - 1).key() : row.getKey());
      }
      merged.add(new KeyValue(row.getKey(), row.getValue()));
    }
    return Optional.empty();
  }

  /** The own writes in what a page has covered of a range. */
  private NavigableMap<Bytes, Mutation> over(ScanRange range, ScanPage page) {
    if (range.descending()) {
      NavigableMap<Bytes, Mutation> below =
          range.end().isEmpty() ? own : own.headMap(range.end(), false);
      return page.continuation().map(left -> below.tailMap(left, true)).orElse(below);
    }
    NavigableMap<Bytes, Mutation> above = own.tailMap(range.start(), true);
    return page.continuation().map(left -> above.headMap(left, false)).orElse(above);
  }
}
