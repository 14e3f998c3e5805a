package io.arrowraft.client.raw;

import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.region.RegionOutcome;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.proto.kvrpcpb.RawDeleteRangeRequest;
import io.arrowraft.proto.kvrpcpb.RawDeleteRangeResponse;
import io.arrowraft.runtime.Bytes;
import java.util.concurrent.CompletableFuture;

/** The deletion of a range, on its way through the regions. */
final class RawRanges {
  private final RegionCalls calls;
  private final Bytes end;
  private final Backoff backoff;

  RawRanges(RegionCalls calls, Bytes end, Backoff backoff) {
    this.calls = calls;
    this.end = end;
    this.backoff = backoff;
  }

  CompletableFuture<Void> delete(Bytes start) {
    return calls
        .locate(start, backoff)
        .thenCompose(
            region ->
                calls
                    .send(
                        region,
                        RawRequests.write(
                            calls,
                            RawRequests.deleteRange(
                                context ->
                                    RawDeleteRangeRequest.newBuilder()
                                        .setContext(context)
                                        .setStartKey(Wire.of(start))
                                        .setEndKey(
                                            Wire.of(
                                                KeySpace.RAW.endsIn(region, end)
                                                    ? end
                                                    : region.endKey()))
                                        .build())),
                        backoff)
                    .thenCompose(
                        outcome -> {
                          if (outcome
                              instanceof RegionOutcome.Answer<RawDeleteRangeResponse> answer) {
                            RawClient.refuseOn(answer.response().getError());
                            return KeySpace.RAW.endsIn(region, end)
                                ? CompletableFuture.<Void>completedFuture(null)
                                : delete(region.endKey());
                          }
                          return afterMove(outcome).thenCompose(paused -> delete(start));
                        }));
  }

  private CompletableFuture<Void> afterMove(RegionOutcome<?> outcome) {
    return backoff.pause(BackoffKind.REGION_MOVED, ((RegionOutcome.Moved<?>) outcome).reason());
  }
}
