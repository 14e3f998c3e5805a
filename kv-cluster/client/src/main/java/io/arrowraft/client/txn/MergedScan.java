package io.arrowraft.client.txn;

import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** A scan of the snapshot with the transaction's own writes laid over it. */
final class MergedScan {
  private final SnapshotReads reads;
  private final TreeMap<Bytes, Mutation> own;
  private final Bytes end;
  private final int limit;
  private final Backoff backoff;
  private final List<KeyValue> merged = new ArrayList<>();

  MergedScan(
      SnapshotReads reads, SortedMap<Bytes, Mutation> own, Bytes end, int limit, Backoff backoff) {
    this.reads = reads;
    this.own = new TreeMap<>(own);
    this.end = end;
    this.limit = limit;
    this.backoff = backoff;
  }

  CompletableFuture<ScanPage> from(Bytes start) {
    return reads
        .scan(start, end, limit - merged.size(), backoff)
        .thenCompose(
            page -> {
              Optional<Bytes> cut = merge(start, page);
              if (cut.isPresent()) {
                return CompletableFuture.completedFuture(new ScanPage(merged, cut));
              }
              return page.continuation().isEmpty()
                  ? CompletableFuture.completedFuture(new ScanPage(merged, Optional.empty()))
                  : merged.size() >= limit
                      ? CompletableFuture.completedFuture(new ScanPage(merged, page.continuation()))
                      : from(page.continuation().get());
            });
  }

  /** Adds a page and what the transaction wrote in its range; says where it had to stop. */
  private Optional<Bytes> merge(Bytes start, ScanPage page) {
    TreeMap<Bytes, Bytes> rows = new TreeMap<>();
    page.pairs().forEach(pair -> rows.put(pair.key(), pair.value()));
    SortedMap<Bytes, Mutation> over =
        page.continuation().isPresent()
            ? own.subMap(start, page.continuation().get())
            : own.tailMap(start);
    for (Mutation mutation : over.values()) {
      if (mutation.storesValue()) {
        rows.put(mutation.key(), mutation.value());
      } else if (mutation.decidesReads()) {
        rows.remove(mutation.key());
      }
    }
    for (var row : rows.entrySet()) {
      if (merged.size() >= limit) {
        return Optional.of(row.getKey());
      }
      merged.add(new KeyValue(row.getKey(), row.getValue()));
    }
    return Optional.empty();
  }
}
