package io.arrowraft.client.txn;

import io.arrowraft.client.keyvalue.KeyRules;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.keyvalue.ScanRange;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Bytes;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** The data as of one timestamp, for reading. Holds nothing: there is nothing to close. */
public final class Snapshot implements TransactionalReader {
  private final RegionCalls calls;
  private final SnapshotReads reads;
  private final KeyRules rules;
  private final Timestamp timestamp;

  Snapshot(RegionCalls calls, LockResolver resolver, Timestamp timestamp) {
    this.calls = calls;
    this.reads = new SnapshotReads(calls, resolver, timestamp.value());
    this.rules = new KeyRules(calls.options().limits());
    this.timestamp = timestamp;
  }

  @Override
  public Timestamp timestamp() {
    return timestamp;
  }

  @Override
  public CompletableFuture<Optional<Bytes>> get(Bytes key) {
    return calls.operation(backoff -> reads.get(rules.key(key), backoff));
  }

  @Override
  public CompletableFuture<Map<Bytes, Bytes>> batchGet(Collection<Bytes> keys) {
    List<Bytes> ordered = List.copyOf(new TreeSet<>(keys));
    return calls.operation(
        backoff -> {
          ordered.forEach(rules::key);
          Map<Bytes, Bytes> found = new TreeMap<>();
          return reads.batchGet(ordered, found, backoff).thenApply(done -> found);
        });
  }

  @Override
  public CompletableFuture<ScanPage> scan(ScanRange range, int limit) {
    return calls.operation(backoff -> reads.scan(range, rules.scanLimit(limit), backoff));
  }
}
