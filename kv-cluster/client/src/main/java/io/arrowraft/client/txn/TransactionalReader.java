package io.arrowraft.client.txn;

import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.keyvalue.ScanRange;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Bytes;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Reads of transactional data as of one timestamp. */
public sealed interface TransactionalReader permits Snapshot, WritableTransaction {
  /** What was committed after it is not seen. */
  Timestamp timestamp();

  /** The value of a key; empty if there is none. */
  CompletableFuture<Optional<Bytes>> get(Bytes key);

  /** The values of those keys that have one, in key order. */
  CompletableFuture<Map<Bytes, Bytes>> batchGet(Collection<Bytes> keys);

  /**
   * The pairs from {@code start} on.
   *
   * @param start inclusive; empty for the first key
   * @param end exclusive; empty for no bound
   * @param limit at most so many pairs; beyond the client's own limit a continuation comes back
   */
  default CompletableFuture<ScanPage> scan(Bytes start, Bytes end, int limit) {
    return scan(ScanRange.of(start, end), limit);
  }

  /** The first pairs of a range in its order, within the same limits. */
  CompletableFuture<ScanPage> scan(ScanRange range, int limit);
}
