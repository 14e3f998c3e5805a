package io.arrowraft.client.txn;

import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.options.Limits;
import io.arrowraft.client.region.BatchShape;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.region.RegionOutcome;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.proto.kvrpcpb.PessimisticRollbackRequest;
import io.arrowraft.proto.kvrpcpb.PessimisticRollbackResponse;
import io.arrowraft.runtime.Bytes;
import java.util.List;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Gives up pessimistic locks, of this client or of one that has ended. */
final class LockRelease {
  private LockRelease() {}

  /**
   * @param forUpdateTs locks taken later stay
   */
  static CompletableFuture<Void> release(
      RegionCalls calls, SortedSet<Bytes> keys, long startTs, long forUpdateTs, Backoff backoff) {
    return calls.forEachRegion(
        List.copyOf(keys),
        shape(calls.options().limits()),
        (batch, branch) ->
            calls
                .send(
                    batch.region(),
                    TxnRequests.unlock(
                        context ->
                            PessimisticRollbackRequest.newBuilder()
                                .setContext(context)
                                .setStartVersion(startTs)
                                .setForUpdateTs(forUpdateTs)
                                .addAllKeys(batch.items().stream().map(Wire::of).toList())
                                .build()),
                    branch)
                .thenApply(
                    outcome -> {
                      if (outcome
                          instanceof RegionOutcome.Answer<PessimisticRollbackResponse> answer) {
                        if (answer.response().getErrorsCount() > 0) {
                          throw KeyErrors.failure(answer.response().getErrors(0), startTs);
                        }
                        return List.of();
                      }
                      return batch.items();
                    }),
        backoff);
  }

  /** How keys alone are cut into batches. */
  static BatchShape<Bytes> shape(Limits limits) {
    return new BatchShape<>(
        KeySpace.TRANSACTIONAL,
        Function.identity(),
        Bytes::length,
        limits.batchBytesMax(),
        limits.batchKeysMax());
  }
}
