package io.arrowraft.client.txn;

import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.region.Region;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.region.RegionOutcome;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.proto.kvrpcpb.ScanLockRequest;
import io.arrowraft.proto.kvrpcpb.ScanLockResponse;
import io.arrowraft.runtime.Bytes;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Ends every transaction up to some timestamp that holds locks in a range: commits those whose
 * primary was committed, rolls back those that nobody keeps alive, waits for the others. From then
 * on nothing commits in the range at or below that timestamp: a store that was asked for its locks
 * times no later commit below what it was asked for. Confined to the client's loop.
 */
final class RangeLocks {
  private static final int PAGE = 1024;

  private final RegionCalls calls;
  private final LockResolver resolver;
  private final long maxTs;

  RangeLocks(RegionCalls calls, LockResolver resolver, long maxTs) {
    this.calls = calls;
    this.resolver = resolver;
    this.maxTs = maxTs;
  }

  CompletableFuture<Void> clear(Bytes start, Bytes end, Backoff backoff) {
    return calls
        .locate(KeySpace.TRANSACTIONAL.regionKey(start), backoff)
        .thenCompose(
            region ->
                calls
                    .send(
                        region,
                        TxnRequests.scanLock(
                            context ->
                                ScanLockRequest.newBuilder()
                                    .setContext(context)
                                    .setMaxVersion(maxTs)
                                    .setStartKey(Wire.of(start))
                                    .setEndKey(
                                        Wire.of(
                                            KeySpace.TRANSACTIONAL.endsIn(region, end)
                                                ? end
                                                : KeySpace.TRANSACTIONAL.keyAt(region.endKey())))
                                    .setLimit(PAGE)
                                    .build()),
                        backoff)
                    .thenCompose(outcome -> answered(outcome, region, start, end, backoff)));
  }

  private CompletableFuture<Void> answered(
      RegionOutcome<ScanLockResponse> outcome,
      Region region,
      Bytes start,
      Bytes end,
      Backoff backoff) {
    if (outcome instanceof RegionOutcome.Moved<ScanLockResponse> moved) {
      return backoff
          .pause(BackoffKind.REGION_MOVED, moved.reason())
          .thenCompose(paused -> clear(start, end, backoff));
    }
    ScanLockResponse response = ((RegionOutcome.Answer<ScanLockResponse>) outcome).response();
    List<LockInfo> locks =
        response.hasError() && response.getError().hasLocked()
            ? List.of(response.getError().getLocked())
            : response.getLocksList();
    if (!locks.isEmpty()) {
      // Asked again afterwards: those that were waited for must be seen to be gone.
      return resolver
          .clearForWrite(locks, backoff)
          .thenCompose(cleared -> clear(start, end, backoff));
    }
    if (response.hasError()) {
      return CompletableFuture.failedFuture(KeyErrors.failure(response.getError(), maxTs));
    }
    return KeySpace.TRANSACTIONAL.endsIn(region, end)
        ? CompletableFuture.completedFuture(null)
        : clear(KeySpace.TRANSACTIONAL.keyAt(region.endKey()), end, backoff);
  }
}
