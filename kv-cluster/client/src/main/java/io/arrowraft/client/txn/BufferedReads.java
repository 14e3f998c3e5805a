package io.arrowraft.client.txn;

import io.arrowraft.client.keyvalue.KeyRules;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.keyvalue.ScanRange;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** Reads of a transaction: at its start, and through what it has written itself. */
record BufferedReads(
    RegionCalls calls, SnapshotReads snapshot, KeyRules rules, MutationBuffer buffer) {

  static BufferedReads of(Transactions transactions, long startTs) {
    RegionCalls calls = transactions.calls();
    KeyRules rules = new KeyRules(calls.options().limits());
    return new BufferedReads(
        calls,
        new SnapshotReads(calls, transactions.resolver(), startTs),
        rules,
        new MutationBuffer(rules, calls.options().limits().transactionBytesMax()));
  }

  CompletableFuture<Optional<Bytes>> get(Bytes key) {
    Optional<Mutation> own = buffer.decisive(rules.key(key));
    return own.isPresent()
        ? CompletableFuture.completedFuture(own.filter(Mutation::storesValue).map(Mutation::value))
        : calls.operation(backoff -> snapshot.get(key, backoff));
  }

  CompletableFuture<Map<Bytes, Bytes>> batchGet(Collection<Bytes> keys) {
    Map<Bytes, Bytes> found = new TreeMap<>();
    List<Bytes> toAsk = ownValues(keys, found);
    return toAsk.isEmpty()
        ? CompletableFuture.completedFuture(found)
        : calls.operation(
            backoff -> snapshot.batchGet(toAsk, found, backoff).thenApply(done -> found));
  }

  /** Adds what the transaction has written, and returns the keys that it has not, in order. */
  List<Bytes> ownValues(Collection<Bytes> keys, Map<Bytes, Bytes> found) {
    List<Bytes> others = new ArrayList<>();
    for (Bytes key : new TreeSet<>(keys)) {
      Optional<Mutation> own = buffer.decisive(rules.key(key));
      if (own.isEmpty()) {
        others.add(key);
      } else if (own.get().storesValue()) {
        found.put(key, own.get().value());
      }
    }
    return others;
  }

  CompletableFuture<ScanPage> scan(ScanRange range, int limit) {
    int rows = rules.scanLimit(limit);
    if (range.isEmpty()) {
      return CompletableFuture.completedFuture(ScanPage.EMPTY);
    }
    SortedMap<Bytes, Mutation> own = buffer.copyOf(range.start(), range.end());
    return calls.operation(backoff -> new MergedScan(snapshot, own, rows, backoff).from(range));
  }
}
