package io.arrowraft.server.service;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.kvrpcpb.KvPair;
import io.arrowraft.proto.kvrpcpb.RawBatchDeleteRequest;
import io.arrowraft.proto.kvrpcpb.RawBatchDeleteResponse;
import io.arrowraft.proto.kvrpcpb.RawBatchPutRequest;
import io.arrowraft.proto.kvrpcpb.RawBatchPutResponse;
import io.arrowraft.proto.kvrpcpb.RawCASRequest;
import io.arrowraft.proto.kvrpcpb.RawCASResponse;
import io.arrowraft.proto.kvrpcpb.RawDeleteRangeRequest;
import io.arrowraft.proto.kvrpcpb.RawDeleteRangeResponse;
import io.arrowraft.proto.kvrpcpb.RawDeleteRequest;
import io.arrowraft.proto.kvrpcpb.RawDeleteResponse;
import io.arrowraft.proto.kvrpcpb.RawPutRequest;
import io.arrowraft.proto.kvrpcpb.RawPutResponse;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.server.raw.RawCompareAndSwap;
import io.arrowraft.server.raw.RawDeleteRange;
import io.arrowraft.server.raw.RawWrite;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.txn.WriteCommand;
import io.arrowraft.server.txn.WriteScheduler;
import io.arrowraft.storage.txn.RawValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Answers writes of raw keys. */
final class RawWriteRequests {
  /** A thousand years. */
  private static final long TTL_SECONDS_MAX = 1_000L * 365 * 24 * 3_600;

  private final RequestGate gate;
  private final Answers answers;
  private final WriteScheduler scheduler;

  RawWriteRequests(RequestGate gate, Answers answers, WriteScheduler scheduler) {
    this.gate = gate;
    this.answers = answers;
    this.scheduler = scheduler;
  }

  CompletionStage<RawPutResponse> put(RawPutRequest request, RpcCall call) {
    return write(
        request.getContext(),
        request.getCf(),
        call,
        form(
            error -> RawPutResponse.newBuilder().setRegionError(error).build(),
            error -> RawPutResponse.newBuilder().setError(error).build()),
        () ->
            new RawWrite(
                List.of(change(request.getKey(), request.getValue(), request.getTtl())),
                request.getForCas()),
        done -> RawPutResponse.getDefaultInstance());
  }

  CompletionStage<RawBatchPutResponse> batchPut(RawBatchPutRequest request, RpcCall call) {
    return write(
        request.getContext(),
        request.getCf(),
        call,
        form(
            error -> RawBatchPutResponse.newBuilder().setRegionError(error).build(),
            error -> RawBatchPutResponse.newBuilder().setError(error).build()),
        () -> new RawWrite(changes(request), request.getForCas()),
        done -> RawBatchPutResponse.getDefaultInstance());
  }

  CompletionStage<RawDeleteResponse> delete(RawDeleteRequest request, RpcCall call) {
    return write(
        request.getContext(),
        request.getCf(),
        call,
        form(
            error -> RawDeleteResponse.newBuilder().setRegionError(error).build(),
            error -> RawDeleteResponse.newBuilder().setError(error).build()),
        () ->
            new RawWrite(
                List.of(new RawWrite.Change(gate.key(request.getKey()), null)),
                request.getForCas()),
        done -> RawDeleteResponse.getDefaultInstance());
  }

  CompletionStage<RawBatchDeleteResponse> batchDelete(RawBatchDeleteRequest request, RpcCall call) {
    return write(
        request.getContext(),
        request.getCf(),
        call,
        form(
            error -> RawBatchDeleteResponse.newBuilder().setRegionError(error).build(),
            error -> RawBatchDeleteResponse.newBuilder().setError(error).build()),
        () ->
            new RawWrite(
                gate.keys(request.getKeysList()).stream()
                    .map(key -> new RawWrite.Change(key, null))
                    .toList(),
                request.getForCas()),
        done -> RawBatchDeleteResponse.getDefaultInstance());
  }

  CompletionStage<RawDeleteRangeResponse> deleteRange(RawDeleteRangeRequest request, RpcCall call) {
    return write(
        request.getContext(),
        request.getCf(),
        call,
        form(
            error -> RawDeleteRangeResponse.newBuilder().setRegionError(error).build(),
            error -> RawDeleteRangeResponse.newBuilder().setError(error).build()),
        () -> {
          byte[] start = gate.bound(request.getStartKey());
          byte[] end = gate.bound(request.getEndKey());
          if (end.length > 0 && Arrays.compareUnsigned(start, end) > 0) {
            throw new InvalidRequestException("the range to delete ends before it starts");
          }
          return new RawDeleteRange(start, end);
        },
        done -> RawDeleteRangeResponse.getDefaultInstance());
  }

  CompletionStage<RawCASResponse> compareAndSwap(RawCASRequest request, RpcCall call) {
    return write(
        request.getContext(),
        request.getCf(),
        call,
        form(
            error -> RawCASResponse.newBuilder().setRegionError(error).build(),
            error -> RawCASResponse.newBuilder().setError(error).build()),
        () ->
            new RawCompareAndSwap(
                request.getPreviousNotExist()
                    ? Optional.empty()
                    : Optional.of(Bytes.wrap(request.getPreviousValue().toByteArray())),
                request.getDelete()
                    ? new RawWrite.Change(gate.key(request.getKey()), null)
                    : change(request.getKey(), request.getValue(), request.getTtl()),
                gate.nowSeconds()),
        answer -> {
          RawCASResponse.Builder response =
              RawCASResponse.newBuilder()
                  .setSucceed(answer.swapped())
                  .setPreviousNotExist(answer.previous().isEmpty());
          answer
              .previous()
              .ifPresent(value -> response.setPreviousValue(RawReadRequests.wrap(value)));
          return response.build();
        });
  }

  private List<RawWrite.Change> changes(RawBatchPutRequest request) {
    List<KvPair> pairs = request.getPairsList();
    int ttls = request.getTtlsCount();
    if (ttls > 1 && ttls != pairs.size()) {
      throw new InvalidRequestException(
          "a batch of " + pairs.size() + " pairs has " + ttls + " ttls; send one or one for each");
    }
    List<RawWrite.Change> changes = new ArrayList<>(pairs.size());
    for (int i = 0; i < pairs.size(); i++) {
      KvPair pair = pairs.get(i);
      changes.add(change(pair.getKey(), pair.getValue(), ttl(request, i)));
    }
    return changes;
  }

  @SuppressWarnings("deprecation") // Older clients send the single ttl.
  private static long ttl(RawBatchPutRequest request, int index) {
    return switch (request.getTtlsCount()) {
      case 0 -> request.getTtl();
      case 1 -> request.getTtls(0);
      default -> request.getTtls(index);
    };
  }

  private RawWrite.Change change(ByteString key, ByteString value, long ttlSeconds) {
    if (ttlSeconds < 0 || ttlSeconds > TTL_SECONDS_MAX) {
      throw new InvalidRequestException(
          "ttl is too long: "
              + Long.toUnsignedString(ttlSeconds)
              + " seconds, the most is "
              + TTL_SECONDS_MAX);
    }
    return new RawWrite.Change(
        gate.key(key),
        RawValue.withTtl(Bytes.wrap(value.toByteArray()), ttlSeconds, gate.nowSeconds()));
  }

  private static <R> ResponseForm<R> form(
      Function<Error, R> regionError, Function<String, R> error) {
    return ResponseForm.raw(regionError, error);
  }

  private <A, R> CompletionStage<R> write(
      Context context,
      String family,
      RpcCall call,
      ResponseForm<R> form,
      Answers.Step<WriteCommand<A>> command,
      Function<A, R> response) {
    return answers.answer(
        form,
        () -> {
          RegionRequest region = gate.admit(context, call);
          RawReadRequests.requireFamily(family);
          return scheduler.submit(region, command.run(), call).thenApply(response);
        });
  }
}
