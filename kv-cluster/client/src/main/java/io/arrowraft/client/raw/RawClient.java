package io.arrowraft.client.raw;

import io.arrowraft.client.bulk.ImportOptions;
import io.arrowraft.client.bulk.Imports;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.KeyRules;
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
import io.arrowraft.client.region.RegionRequest;
import io.arrowraft.client.region.RegionScan;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.kvrpcpb.KvPair;
import io.arrowraft.proto.kvrpcpb.RawBatchDeleteRequest;
import io.arrowraft.proto.kvrpcpb.RawBatchDeleteResponse;
import io.arrowraft.proto.kvrpcpb.RawBatchGetRequest;
import io.arrowraft.proto.kvrpcpb.RawBatchGetResponse;
import io.arrowraft.proto.kvrpcpb.RawBatchPutRequest;
import io.arrowraft.proto.kvrpcpb.RawBatchPutResponse;
import io.arrowraft.proto.kvrpcpb.RawCASRequest;
import io.arrowraft.proto.kvrpcpb.RawCASResponse;
import io.arrowraft.proto.kvrpcpb.RawDeleteRequest;
import io.arrowraft.proto.kvrpcpb.RawScanRequest;
import io.arrowraft.proto.kvrpcpb.RawScanResponse;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.ToIntFunction;

/**
 * Raw keys and values. Every future fails with an {@link
 * io.arrowraft.client.error.ArrowraftException}.
 */
public final class RawClient {
  private final RegionCalls calls;
  private final KeyRules rules;
  private final Imports imports;
  private final SharedRequests<Bytes, Optional<Bytes>> gets;
  private final SharedRequests<KeyValue, Void> puts;

  public RawClient(RegionCalls calls, Imports imports) {
    this.calls = calls;
    this.imports = imports;
    this.rules = new KeyRules(calls.options().limits());
    this.gets = new SharedRequests<>(calls, new SharedGets(calls));
    this.puts = new SharedRequests<>(calls, new SharedPuts(calls));
  }

  /**
   * Brings many pairs in, past the Raft log: for ranges that nobody else writes to until it has
   * ended, as the page of {@code io.arrowraft.client.bulk} explains.
   *
   * @param pairs asked by one thread at a time, on a thread of the client; keys must differ
   * @param progress told how many pairs are in so far
   * @return how many pairs were brought in; cancelling it ends the import, and leaves what is in
   */
  public CompletableFuture<Long> bulkLoad(
      Iterator<KeyValue> pairs, ImportOptions options, LongConsumer progress) {
    return imports.raw(pairs, options, progress);
  }

  /** The value of a key; empty if there is none. */
  public CompletableFuture<Optional<Bytes>> get(Bytes key) {
    return calls.operation(backoff -> gets.call(rules.key(key), backoff));
  }

  /** The values of those keys that have one, in key order. */
  public CompletableFuture<Map<Bytes, Bytes>> batchGet(Collection<Bytes> keys) {
    return calls.operation(
        backoff -> {
          Map<Bytes, Bytes> found = new TreeMap<>();
          return calls
              .forEachRegion(
                  sorted(keys),
                  shape(Function.identity(), Bytes::length),
                  (batch, branch) -> batchGet(batch, branch, found),
                  backoff)
              .thenApply(done -> found);
        });
  }

  private CompletableFuture<List<Bytes>> batchGet(
      RegionBatch<Bytes> batch, Backoff backoff, Map<Bytes, Bytes> found) {
    return calls
        .send(
            batch.region(),
            RawRequests.batchGet(
                context ->
                    RawBatchGetRequest.newBuilder()
                        .setContext(context)
                        .addAllKeys(batch.items().stream().map(Wire::of).toList())
                        .build()),
            backoff)
        .thenApply(
            outcome -> {
              if (outcome instanceof RegionOutcome.Answer<RawBatchGetResponse> answer) {
                for (KvPair pair : answer.response().getPairsList()) {
                  refuseOn(pair);
                  found.put(Wire.of(pair.getKey()), Wire.of(pair.getValue()));
                }
                return List.of();
              }
              return batch.items();
            });
  }

  /**
   * Stores a value. If an answer is lost, {@link
   * io.arrowraft.client.options.ClientOptions#lostAnswers} says whether the put is repeated, which
   * may undo a newer one of another client, or fails.
   */
  public CompletableFuture<Void> put(Bytes key, Bytes value) {
    return calls.operation(
        backoff ->
            asWrite(puts.call(new KeyValue(rules.key(key), rules.value(value)), backoff), backoff));
  }

  /** Stores values; not atomic. */
  public CompletableFuture<Void> batchPut(Map<Bytes, Bytes> pairs) {
    return calls.operation(
        backoff -> {
          List<KeyValue> items = new ArrayList<>();
          new TreeMap<>(pairs)
              .forEach((key, value) -> items.add(new KeyValue(rules.key(key), rules.value(value))));
          return calls.forEachRegion(
              items,
              shape(KeyValue::key, pair -> pair.key().length() + pair.value().length()),
              this::batchPut,
              backoff);
        });
  }

  private CompletableFuture<List<KeyValue>> batchPut(RegionBatch<KeyValue> batch, Backoff backoff) {
    RegionRequest<RawBatchPutRequest, RawBatchPutResponse> request =
        RawRequests.batchPut(context -> SharedPuts.message(context, batch.items()));
    return writeBatch(batch, request, RawBatchPutResponse::getError, backoff);
  }

  /** Removes a key, whether it was there or not. */
  public CompletableFuture<Void> delete(Bytes key) {
    return write(
        key,
        Bytes.EMPTY,
        RawRequests.write(
            calls,
            RawRequests.delete(
                context ->
                    RawDeleteRequest.newBuilder()
                        .setContext(context)
                        .setKey(Wire.of(key))
                        .build())),
        response -> {
          refuseOn(response.getError());
          return null;
        });
  }

  /** Removes keys; not atomic. */
  public CompletableFuture<Void> batchDelete(Collection<Bytes> keys) {
    return calls.operation(
        backoff ->
            calls.forEachRegion(
                sorted(keys),
                shape(Function.identity(), Bytes::length),
                (batch, branch) ->
                    writeBatch(
                        batch,
                        RawRequests.batchDelete(
                            context ->
                                RawBatchDeleteRequest.newBuilder()
                                    .setContext(context)
                                    .addAllKeys(batch.items().stream().map(Wire::of).toList())
                                    .build()),
                        RawBatchDeleteResponse::getError,
                        branch),
                backoff));
  }

  /**
   * The pairs from {@code start} on.
   *
   * @param start inclusive; empty for the first key
   * @param end exclusive; empty for no bound
   * @param limit at most so many pairs
   */
  public CompletableFuture<ScanPage> scan(Bytes start, Bytes end, int limit) {
    return scan(ScanRange.of(start, end), limit);
  }

  /** The first pairs of a range in its order; at most {@code limit}. */
  public CompletableFuture<ScanPage> scan(ScanRange range, int limit) {
    return calls.operation(
        backoff ->
            new RegionScan(calls, KeySpace.RAW, this::scanPage)
                .run(range, rules.scanLimit(limit), backoff));
  }

  private CompletableFuture<RegionOutcome<List<KeyValue>>> scanPage(
      Region region, ScanRange range, int rows, Backoff backoff) {
    return calls
        .send(region, RawRequests.scan(context -> scanMessage(context, range, rows)), backoff)
        .thenApply(outcome -> outcome.map(RawClient::pairs));
  }

  /** On the wire a descending scan starts from its upper bound. */
  private static RawScanRequest scanMessage(Context context, ScanRange range, int rows) {
    return RawScanRequest.newBuilder()
        .setContext(context)
        .setStartKey(Wire.of(range.descending() ? range.end() : range.start()))
        .setEndKey(Wire.of(range.descending() ? range.start() : range.end()))
        .setReverse(range.descending())
        .setKeyOnly(range.keysOnly())
        .setLimit(rows)
        .build();
  }

  private static List<KeyValue> pairs(RawScanResponse response) {
    List<KeyValue> pairs = new ArrayList<>(response.getKvsCount());
    for (KvPair pair : response.getKvsList()) {
      refuseOn(pair);
      pairs.add(new KeyValue(Wire.of(pair.getKey()), Wire.of(pair.getValue())));
    }
    return pairs;
  }

  /**
   * Removes every key of a range, region by region; not atomic.
   *
   * @param start inclusive; empty for the first key
   * @param end exclusive; empty for no bound
   */
  public CompletableFuture<Void> deleteRange(Bytes start, Bytes end) {
    return calls.operation(
        backoff ->
            isEmptyRange(start, end)
                ? CompletableFuture.completedFuture(null)
                : asWrite(new RawRanges(calls, end, backoff).delete(start), backoff));
  }

  /**
   * Stores {@code value} if the key now has {@code expected}.
   *
   * @param expected empty: the key must have no value
   * @return fails with {@link io.arrowraft.client.error.OutcomeUnknownException} if an answer was
   *     lost, since doing it again might do it twice
   */
  public CompletableFuture<CasResult> compareAndSwap(
      Bytes key, Optional<Bytes> expected, Bytes value) {
    return write(
        key,
        value,
        RawRequests.compareAndSwap(
            context ->
                RawCASRequest.newBuilder()
                    .setContext(context)
                    .setKey(Wire.of(key))
                    .setValue(Wire.of(value))
                    .setPreviousNotExist(expected.isEmpty())
                    .setPreviousValue(Wire.of(expected.orElse(Bytes.EMPTY)))
                    .build()),
        RawClient::casResult);
  }

  private static CasResult casResult(RawCASResponse response) {
    refuseOn(response.getError());
    return new CasResult(
        response.getSucceed(),
        response.getPreviousNotExist()
            ? Optional.empty()
            : Optional.of(Wire.of(response.getPreviousValue())));
  }

  private <Q, R, T> CompletableFuture<T> write(
      Bytes key, Bytes value, RegionRequest<Q, R> request, Function<R, T> result) {
    return calls.operation(
        backoff -> {
          rules.value(value);
          return asWrite(calls.callByKey(KeySpace.RAW, rules.key(key), request, backoff), backoff)
              .thenApply(result);
        });
  }

  private <T, Q, R> CompletableFuture<List<T>> writeBatch(
      RegionBatch<T> batch,
      RegionRequest<Q, R> request,
      Function<R, String> error,
      Backoff backoff) {
    return asWrite(
        calls
            .send(batch.region(), RawRequests.write(calls, request), backoff)
            .thenApply(
                outcome -> {
                  if (outcome instanceof RegionOutcome.Answer<R> answer) {
                    refuseOn(error.apply(answer.response()));
                    return List.of();
                  }
                  return batch.items();
                }),
        backoff);
  }

  /** Reports a lost answer as such. */
  private static <T> CompletableFuture<T> asWrite(CompletableFuture<T> sent, Backoff backoff) {
    CompletableFuture<T> result = new CompletableFuture<>();
    sent.whenComplete(
        (value, failure) ->
            Async.settle(
                result,
                value,
                failure == null ? null : backoff.writeFailure(Async.cause(failure))));
    return result;
  }

  static void refuseOn(String error) {
    if (!error.isEmpty()) {
      throw new InvalidRequestException(ErrorCode.REQUEST_REFUSED, error);
    }
  }

  static void refuseOn(KvPair pair) {
    if (pair.hasError()) {
      refuseOn(
          pair.getError().getAbort().isEmpty()
              ? pair.getError().toString()
              : pair.getError().getAbort());
    }
  }

  private static boolean isEmptyRange(Bytes start, Bytes end) {
    return !end.isEmpty() && start.compareTo(end) >= 0;
  }

  private <T> BatchShape<T> shape(Function<T, Bytes> key, ToIntFunction<T> bytes) {
    return new BatchShape<>(
        KeySpace.RAW,
        key,
        bytes,
        calls.options().limits().batchBytesMax(),
        calls.options().limits().batchKeysMax());
  }

  private List<Bytes> sorted(Collection<Bytes> keys) {
    keys.forEach(rules::key);
    return List.copyOf(new TreeSet<>(keys));
  }
}
