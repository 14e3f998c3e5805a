package io.arrowraft.client.txn;

import io.arrowraft.client.error.OverloadedException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.keyvalue.ScanRange;
import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.region.BatchShape;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.region.Region;
import io.arrowraft.client.region.RegionBatch;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.region.RegionOutcome;
import io.arrowraft.client.region.RegionScan;
import io.arrowraft.client.retry.Backoff;
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

  private final RegionScan scans;

  SnapshotReads(RegionCalls calls, LockResolver resolver, long readTs) {
    this.calls = calls;
    this.resolver = resolver;
    this.readTs = readTs;
    this.scans = new RegionScan(calls, KeySpace.TRANSACTIONAL, this::scanPage);
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

  CompletableFuture<ScanPage> scan(ScanRange range, int limit, Backoff backoff) {
    return scans.run(range, limit, backoff);
  }

  private CompletableFuture<RegionOutcome<List<KeyValue>>> scanPage(
      Region region, ScanRange range, int rows, Backoff backoff) {
    return calls
        .send(region, TxnRequests.scan(context -> scanMessage(context, range, rows)), backoff)
        .thenCompose(
            outcome -> {
              if (!(outcome instanceof RegionOutcome.Answer<ScanResponse> answer)) {
                return CompletableFuture.completedFuture(outcome.map(none -> List.of()));
              }
              List<KeyError> errors = new ArrayList<>();
              if (answer.response().hasError()) {
                errors.add(answer.response().getError());
              }
              answer.response().getPairsList().stream()
                  .filter(KvPair::hasError)
                  .forEach(pair -> errors.add(pair.getError()));
              // What lies before the first lock could be kept; to read it again is as right.
              return errors.isEmpty()
                  ? CompletableFuture.completedFuture(outcome.map(SnapshotReads::pairs))
                  : clear(errors, backoff)
                      .thenCompose(cleared -> scanPage(region, range, rows, backoff));
            });
  }

  /** On the wire a descending scan starts from its upper bound. */
  private ScanRequest scanMessage(Context context, ScanRange range, int rows) {
    return ScanRequest.newBuilder()
        .setContext(passing(context))
        .setStartKey(Wire.of(range.descending() ? range.end() : range.start()))
        .setEndKey(Wire.of(range.descending() ? range.start() : range.end()))
        .setReverse(range.descending())
        .setKeyOnly(range.keysOnly())
        .setLimit(rows)
        .setVersion(readTs)
        .build();
  }

  private static List<KeyValue> pairs(ScanResponse response) {
    return response.getPairsList().stream()
        .map(pair -> new KeyValue(Wire.of(pair.getKey()), Wire.of(pair.getValue())))
        .toList();
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
