package io.arrowraft.client.txn;

import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.region.BatchShape;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.region.RegionBatch;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.region.RegionOutcome;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.proto.kvrpcpb.CheckSecondaryLocksRequest;
import io.arrowraft.proto.kvrpcpb.CheckSecondaryLocksResponse;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.runtime.Bytes;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Finds how an asynchronous commit ended whose owner is gone: it has committed if all its
 * secondaries are locked, or one is committed; asking fences those that are missing. Confined to
 * the client's loop.
 */
final class SecondaryLocks {
  private final RegionCalls calls;
  private final LockInfo primary;
  private boolean missing;
  private boolean ordinary;
  private long committedTs;
  private long minCommitTs;

  /**
   * @param primary the transaction's primary lock
   */
  SecondaryLocks(RegionCalls calls, LockInfo primary) {
    this.calls = calls;
    this.primary = primary;
    this.minCommitTs = primary.getMinCommitTs();
  }

  /** The end of the transaction; empty if it fell back to two phases, so its primary decides. */
  CompletableFuture<Optional<TransactionStatus.Final>> fate(Backoff backoff) {
    List<Bytes> keys =
        List.copyOf(new TreeSet<>(primary.getSecondariesList().stream().map(Wire::of).toList()));
    BatchShape<Bytes> shape =
        new BatchShape<>(
            KeySpace.TRANSACTIONAL,
            Function.identity(),
            Bytes::length,
            calls.options().limits().batchBytesMax(),
            calls.options().limits().batchKeysMax());
    return calls.forEachRegion(keys, shape, this::check, backoff).thenApply(all -> verdict());
  }

  private CompletableFuture<List<Bytes>> check(RegionBatch<Bytes> batch, Backoff backoff) {
    return calls
        .send(
            batch.region(),
            TxnRequests.checkSecondaries(
                context ->
                    CheckSecondaryLocksRequest.newBuilder()
                        .setContext(context)
                        .setStartVersion(primary.getLockVersion())
                        .addAllKeys(batch.items().stream().map(Wire::of).toList())
                        .build()),
            backoff)
        .thenApply(
            outcome -> {
              if (outcome instanceof RegionOutcome.Answer<CheckSecondaryLocksResponse> answer) {
                take(batch.items().size(), answer.response());
                return List.of();
              }
              return batch.items();
            });
  }

  private void take(int asked, CheckSecondaryLocksResponse response) {
    if (response.hasError()) {
      throw KeyErrors.failure(response.getError(), primary.getLockVersion());
    }
    if (response.getLocksCount() < asked) {
      missing = true;
      committedTs = Math.max(committedTs, response.getCommitTs());
    }
    for (LockInfo lock : response.getLocksList()) {
      ordinary |= !lock.getUseAsyncCommit();
      minCommitTs = Math.max(minCommitTs, lock.getMinCommitTs());
    }
  }

  private Optional<TransactionStatus.Final> verdict() {
    if (missing) {
      return Optional.of(
          committedTs > 0
              ? new TransactionStatus.Committed(committedTs)
              : new TransactionStatus.RolledBack());
    }
    return ordinary ? Optional.empty() : Optional.of(new TransactionStatus.Committed(minCommitTs));
  }
}
