package io.arrowraft.client.raw;

import io.arrowraft.client.error.OverloadedException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.region.Region;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.region.RegionOutcome;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.proto.kvrpcpb.KvPair;
import io.arrowraft.proto.kvrpcpb.RawDeleteRangeRequest;
import io.arrowraft.proto.kvrpcpb.RawDeleteRangeResponse;
import io.arrowraft.proto.kvrpcpb.RawScanRequest;
import io.arrowraft.proto.kvrpcpb.RawScanResponse;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** One operation on a range, on its way through the regions. */
final class RawRanges {
  private final RegionCalls calls;
  private final Bytes end;
  private final Backoff backoff;

  /** Halved when an answer turns out too large for one message. */
  private int rowsPerRequest;

  RawRanges(RegionCalls calls, Bytes end, Backoff backoff) {
    this.calls = calls;
    this.end = end;
    this.backoff = backoff;
    this.rowsPerRequest = calls.options().limits().scanRowsPerRequest();
  }

  CompletableFuture<ScanPage> scan(Bytes start, int limit) {
    return scan(start, limit, new ArrayList<>());
  }

  private CompletableFuture<ScanPage> scan(Bytes start, int limit, List<KeyValue> found) {
    return calls
        .locate(start, backoff)
        .thenCompose(
            region -> {
              int rows = Math.min(limit - found.size(), rowsPerRequest);
              return calls
                  .send(
                      region,
                      RawRequests.scan(
                          context ->
                              RawScanRequest.newBuilder()
                                  .setContext(context)
                                  .setStartKey(Wire.of(start))
                                  .setEndKey(Wire.of(endIn(region)))
                                  .setLimit(rows)
                                  .build()),
                      backoff)
                  .handle(
                      (outcome, failure) -> {
                        if (failure != null) {
                          if (rows > 1 && OverloadedException.isTooLarge(failure)) {
                            rowsPerRequest = rows / 2;
                            return scan(start, limit, found);
                          }
                          return CompletableFuture.<ScanPage>failedFuture(Async.cause(failure));
                        }
                        if (outcome instanceof RegionOutcome.Answer<RawScanResponse> answer) {
                          return taken(answer.response(), rows, region, limit, found);
                        }
                        return afterMove(outcome).thenCompose(paused -> scan(start, limit, found));
                      })
                  .thenCompose(Function.identity());
            });
  }

  private CompletableFuture<ScanPage> taken(
      RawScanResponse response, int rows, Region region, int limit, List<KeyValue> found) {
    for (KvPair pair : response.getKvsList()) {
      RawClient.refuseOn(pair);
      found.add(new KeyValue(Wire.of(pair.getKey()), Wire.of(pair.getValue())));
    }
    boolean regionDone = response.getKvsCount() < rows;
    if (regionDone && reachesEnd(region)) {
      return CompletableFuture.completedFuture(new ScanPage(found, Optional.empty()));
    }
    Bytes next = regionDone ? region.endKey() : found.get(found.size() - 1).key().next();
    return found.size() >= limit
        ? CompletableFuture.completedFuture(new ScanPage(found, Optional.of(next)))
        : scan(next, limit, found);
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
                                        .setEndKey(Wire.of(endIn(region)))
                                        .build())),
                        backoff)
                    .thenCompose(
                        outcome -> {
                          if (outcome
                              instanceof RegionOutcome.Answer<RawDeleteRangeResponse> answer) {
                            RawClient.refuseOn(answer.response().getError());
                            return reachesEnd(region)
                                ? CompletableFuture.<Void>completedFuture(null)
                                : delete(region.endKey());
                          }
                          return afterMove(outcome).thenCompose(paused -> delete(start));
                        }));
  }

  private CompletableFuture<Void> afterMove(RegionOutcome<?> outcome) {
    return backoff.pause(BackoffKind.REGION_MOVED, ((RegionOutcome.Moved<?>) outcome).reason());
  }

  private boolean reachesEnd(Region region) {
    return region.endKey().isEmpty() || (!end.isEmpty() && end.compareTo(region.endKey()) <= 0);
  }

  private Bytes endIn(Region region) {
    return reachesEnd(region) ? end : region.endKey();
  }
}
