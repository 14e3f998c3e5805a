package io.arrowraft.client.txn;

import io.arrowraft.client.error.OverloadedException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.region.BatchShape;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.region.Region;
import io.arrowraft.client.region.RegionBatch;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.region.RegionOutcome;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.proto.kvrpcpb.BatchGetRequest;
import io.arrowraft.proto.kvrpcpb.BatchGetResponse;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.kvrpcpb.GetRequest;
import io.arrowraft.proto.kvrpcpb.KeyError;
import io.arrowraft.proto.kvrpcpb.KvPair;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.proto.kvrpcpb.ScanRequest;
import io.arrowraft.proto.kvrpcpb.ScanResponse;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Reads at one timestamp, through the locks of others. Confined to the client's loop. */
final class SnapshotReads {
  private final RegionCalls calls;
  private final LockResolver resolver;
  private final long readTs;

  /** Owners whose locks this snapshot may pass. */
  private final Set<Long> passable = new LinkedHashSet<>();

  /** Halved when an answer turns out too large for one message. */
  private int rowsPerRequest;

  SnapshotReads(RegionCalls calls, LockResolver resolver, long readTs) {
    this.calls = calls;
    this.resolver = resolver;
    this.readTs = readTs;
    this.rowsPerRequest = calls.options().limits().scanRowsPerRequest();
  }

  CompletableFuture<Optional<Bytes>> get(Bytes key, Backoff backoff) {
    return calls
        .callByKey(
            KeySpace.TRANSACTIONAL,
            key,
            TxnRequests.get(
                context ->
                    GetRequest.newBuilder()
                        .setContext(passing(context))
                        .setKey(Wire.of(key))
                        .setVersion(readTs)
                        .build()),
            backoff)
        .thenCompose(
            response -> {
              if (response.hasError()) {
                return clear(List.of(response.getError()), backoff)
                    .thenCompose(cleared -> get(key, backoff));
              }
              return CompletableFuture.completedFuture(
                  response.getNotFound()
                      ? Optional.empty()
                      : Optional.of(Wire.of(response.getValue())));
            });
  }

  /** Adds what it finds to {@code found}. */
  CompletableFuture<Void> batchGet(List<Bytes> keys, Map<Bytes, Bytes> found, Backoff backoff) {
    BatchShape<Bytes> shape =
        new BatchShape<>(
            KeySpace.TRANSACTIONAL,
            Function.identity(),
            Bytes::length,
            Integer.MAX_VALUE,
            calls.options().limits().batchKeysMax());
    return calls.forEachRegion(
        keys, shape, (batch, branch) -> batchGet(batch, found, branch), backoff);
  }

  private CompletableFuture<List<Bytes>> batchGet(
      RegionBatch<Bytes> batch, Map<Bytes, Bytes> found, Backoff backoff) {
    return calls
        .send(
            batch.region(),
            TxnRequests.batchGet(
                context ->
                    BatchGetRequest.newBuilder()
                        .setContext(passing(context))
                        .addAllKeys(batch.items().stream().map(Wire::of).toList())
                        .setVersion(readTs)
                        .build()),
            backoff)
        .handle(
            (outcome, failure) -> {
              if (failure != null) {
                return batch.items().size() > 1 && OverloadedException.isTooLarge(failure)
                    ? halves(batch, found, backoff)
                    : CompletableFuture.<List<Bytes>>failedFuture(Async.cause(failure));
              }
              return outcome instanceof RegionOutcome.Answer<BatchGetResponse> answer
                  ? taken(batch, answer.response(), found, backoff)
                  : CompletableFuture.completedFuture(batch.items());
            })
        .thenCompose(Function.identity());
  }

  private CompletableFuture<List<Bytes>> halves(
      RegionBatch<Bytes> batch, Map<Bytes, Bytes> found, Backoff backoff) {
    int half = batch.items().size() / 2;
    List<Bytes> first = batch.items().subList(0, half);
    List<Bytes> second = batch.items().subList(half, batch.items().size());
    return batchGet(new RegionBatch<>(batch.region(), first), found, backoff)
        .thenCompose(
            leftOfFirst ->
                batchGet(new RegionBatch<>(batch.region(), second), found, backoff)
                    .thenApply(
                        leftOfSecond -> {
                          List<Bytes> left = new ArrayList<>(leftOfFirst);
                          left.addAll(leftOfSecond);
                          return left;
                        }));
  }

  private CompletableFuture<List<Bytes>> taken(
      RegionBatch<Bytes> batch,
      BatchGetResponse response,
      Map<Bytes, Bytes> found,
      Backoff backoff) {
    List<KeyError> errors = new ArrayList<>();
    Set<Bytes> left = new LinkedHashSet<>();
    if (response.hasError()) {
      errors.add(response.getError());
      left.addAll(batch.items());
    }
    for (KvPair pair : response.getPairsList()) {
      if (pair.hasError()) {
        errors.add(pair.getError());
        left.add(keyOf(pair));
      } else if (!response.hasError()) {
        found.put(Wire.of(pair.getKey()), Wire.of(pair.getValue()));
      }
    }
    if (errors.isEmpty()) {
      return CompletableFuture.completedFuture(List.of());
    }
    List<Bytes> again = batch.items().stream().filter(left::contains).toList();
    return clear(errors, backoff)
        .thenCompose(cleared -> batchGet(new RegionBatch<>(batch.region(), again), found, backoff));
  }

  CompletableFuture<ScanPage> scan(Bytes start, Bytes end, int limit, Backoff backoff) {
    return scan(start, end, limit, new ArrayList<>(), backoff);
  }

  private CompletableFuture<ScanPage> scan(
      Bytes start, Bytes end, int limit, List<KeyValue> found, Backoff backoff) {
    int rows = Math.min(limit - found.size(), rowsPerRequest);
    return calls
        .locate(KeySpace.TRANSACTIONAL.regionKey(start), backoff)
        .thenCompose(
            region ->
                calls
                    .send(
                        region,
                        TxnRequests.scan(
                            context ->
                                ScanRequest.newBuilder()
                                    .setContext(passing(context))
                                    .setStartKey(Wire.of(start))
                                    .setEndKey(Wire.of(endIn(region, end)))
                                    .setLimit(rows)
                                    .setVersion(readTs)
                                    .build()),
                        backoff)
                    .handle(
                        (outcome, failure) -> {
                          if (failure != null) {
                            if (rows > 1 && OverloadedException.isTooLarge(failure)) {
                              rowsPerRequest = rows / 2;
                              return scan(start, end, limit, found, backoff);
                            }
                            return CompletableFuture.<ScanPage>failedFuture(Async.cause(failure));
                          }
                          if (outcome instanceof RegionOutcome.Answer<ScanResponse> answer) {
                            return taken(
                                answer.response(), rows, region, start, end, limit, found, backoff);
                          }
                          String reason = ((RegionOutcome.Moved<ScanResponse>) outcome).reason();
                          return backoff
                              .pause(BackoffKind.REGION_MOVED, reason)
                              .thenCompose(paused -> scan(start, end, limit, found, backoff));
                        })
                    .thenCompose(Function.identity()));
  }

  private CompletableFuture<ScanPage> taken(
      ScanResponse response,
      int rows,
      Region region,
      Bytes start,
      Bytes end,
      int limit,
      List<KeyValue> found,
      Backoff backoff) {
    List<KeyError> errors = new ArrayList<>();
    if (response.hasError()) {
      errors.add(response.getError());
    }
    response.getPairsList().stream()
        .filter(KvPair::hasError)
        .forEach(p -> errors.add(p.getError()));
    if (!errors.isEmpty()) {
      // What lies before the first lock could be kept; reading it again is simpler and as right.
      return clear(errors, backoff).thenCompose(cleared -> scan(start, end, limit, found, backoff));
    }
    for (KvPair pair : response.getPairsList()) {
      found.add(new KeyValue(Wire.of(pair.getKey()), Wire.of(pair.getValue())));
    }
    boolean regionDone = response.getPairsCount() < rows;
    if (regionDone && reachesEnd(region, end)) {
      return CompletableFuture.completedFuture(new ScanPage(found, Optional.empty()));
    }
    Bytes next =
        regionDone
            ? KeySpace.TRANSACTIONAL.keyAt(region.endKey())
            : found.get(found.size() - 1).key().next();
    return found.size() >= limit
        ? CompletableFuture.completedFuture(new ScanPage(found, Optional.of(next)))
        : scan(next, end, limit, found, backoff);
  }

  private static boolean reachesEnd(Region region, Bytes end) {
    return region.endKey().isEmpty()
        || (!end.isEmpty()
            && KeySpace.TRANSACTIONAL.regionKey(end).compareTo(region.endKey()) <= 0);
  }

  private static Bytes endIn(Region region, Bytes end) {
    return reachesEnd(region, end) ? end : KeySpace.TRANSACTIONAL.keyAt(region.endKey());
  }

  private CompletableFuture<Void> clear(List<KeyError> errors, Backoff backoff) {
    List<LockInfo> locks = new ArrayList<>();
    for (KeyError error : errors) {
      if (!error.hasLocked()) {
        return CompletableFuture.failedFuture(KeyErrors.failure(error, readTs));
      }
      locks.add(error.getLocked());
    }
    return resolver.clearForRead(locks, readTs, passable, backoff);
  }

  private Context passing(Context context) {
    return passable.isEmpty() ? context : context.toBuilder().addAllResolvedLocks(passable).build();
  }

  private static Bytes keyOf(KvPair pair) {
    return pair.getKey().isEmpty()
        ? Wire.of(pair.getError().getLocked().getKey())
        : Wire.of(pair.getKey());
  }
}
