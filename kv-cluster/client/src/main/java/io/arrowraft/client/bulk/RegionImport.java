package io.arrowraft.client.bulk;

import com.google.protobuf.ByteString;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.region.Region;
import io.arrowraft.client.region.RegionBatch;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.region.RegionOutcome;
import io.arrowraft.client.region.RegionRequest;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.proto.importsst.ImportSSTGrpc;
import io.arrowraft.proto.importsst.IngestResponse;
import io.arrowraft.proto.importsst.MultiIngestRequest;
import io.arrowraft.proto.importsst.Range;
import io.arrowraft.proto.importsst.SSTMeta;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * Brings pairs into one region: to the stores of all its peers, then by its leader into its data.
 */
final class RegionImport<Q, R> {
  private static final RpcMethod<MultiIngestRequest, IngestResponse> INGEST =
      RpcMethods.of(ImportSSTGrpc.getMultiIngestMethod());

  private final RegionCalls calls;
  private final ImportKind<Q, R> kind;
  private final ImportOptions options;
  private final RandomGenerator random;

  /**
   * @param random of the files' names
   */
  RegionImport(
      RegionCalls calls, ImportKind<Q, R> kind, ImportOptions options, RandomGenerator random) {
    this.calls = calls;
    this.kind = kind;
    this.options = options;
    this.random = random;
  }

  /**
   * @return the pairs that are left because the region has moved: all or none
   */
  CompletableFuture<List<KeyValue>> run(RegionBatch<KeyValue> batch, Backoff backoff) {
    List<Q> messages = messages(batch);
    return addresses(batch.region(), backoff)
        .thenCompose(addresses -> upload(addresses, messages, backoff))
        .handle(
            (metas, failure) ->
                failure == null
                    ? ingest(batch, metas, backoff)
                    : afterFailure(batch, Async.cause(failure), backoff))
        .thenCompose(left -> left);
  }

  private List<Q> messages(RegionBatch<KeyValue> batch) {
    List<KeyValue> pairs = batch.items();
    List<Q> messages = new ArrayList<>();
    messages.add(kind.begin(meta(batch)));
    int from = 0;
    long bytes = 0;
    for (int i = 0; i < pairs.size(); i++) {
      bytes += pairs.get(i).key().length() + pairs.get(i).value().length();
      if (bytes >= options.messageBytes() || i == pairs.size() - 1) {
        messages.add(kind.batch(pairs.subList(from, i + 1)));
        from = i + 1;
        bytes = 0;
      }
    }
    return messages;
  }

  private SSTMeta meta(RegionBatch<KeyValue> batch) {
    List<KeyValue> pairs = batch.items();
    byte[] uuid =
        ByteBuffer.allocate(16).putLong(random.nextLong()).putLong(random.nextLong()).array();
    return SSTMeta.newBuilder()
        .setUuid(ByteString.copyFrom(uuid))
        .setRegionId(batch.region().id())
        .setRegionEpoch(batch.region().epoch())
        .setRange(
            Range.newBuilder()
                .setStart(regionKey(pairs.get(0)))
                .setEnd(regionKey(pairs.get(pairs.size() - 1))))
        .build();
  }

  private ByteString regionKey(KeyValue pair) {
    return Wire.of(kind.space().regionKey(pair.key()));
  }

  private CompletableFuture<List<String>> addresses(Region region, Backoff backoff) {
    CompletableFuture<List<String>> all = CompletableFuture.completedFuture(new ArrayList<>());
    for (Peer peer : region.peers()) {
      all =
          all.thenCombine(
              calls.storeAddress(peer.getStoreId(), backoff),
              (found, address) -> {
                found.add(
                    address.orElseThrow(
                        () ->
                            new RpcException(
                                RpcStatus.UNAVAILABLE,
                                "store " + peer.getStoreId() + " is not known")));
                return found;
              });
    }
    return all;
  }

  /** The files as every one of the stores describes them. */
  private CompletableFuture<List<SSTMeta>> upload(
      List<String> addresses, List<Q> messages, Backoff backoff) {
    List<StoreUpload<Q, R>> uploads = new ArrayList<>();
    List<CompletableFuture<R>> answers = new ArrayList<>();
    for (String address : addresses) {
      StoreUpload<Q, R> upload = new StoreUpload<>(calls.loop(), messages);
      uploads.add(upload);
      answers.add(
          upload.run(calls.rpc(), address, kind, backoff.attemptTimeout(options.sliceTimeout())));
    }
    for (CompletableFuture<R> answer : answers) {
      answer.whenComplete(
          (done, failure) -> {
            if (failure != null) {
              uploads.forEach(StoreUpload::cancel);
            }
          });
    }
    return CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]))
        .thenApply(none -> agreed(answers, addresses));
  }

  private List<SSTMeta> agreed(List<CompletableFuture<R>> answers, List<String> addresses) {
    List<SSTMeta> first = kind.metas(answers.get(0).join());
    for (int i = 1; i < answers.size(); i++) {
      if (!kind.metas(answers.get(i).join()).equals(first)) {
        throw new RpcException(
            RpcStatus.DATA_LOSS,
            "the stores at "
                + addresses.get(0)
                + " and "
                + addresses.get(i)
                + " made different files of the same pairs");
      }
    }
    return first;
  }

  private CompletableFuture<List<KeyValue>> ingest(
      RegionBatch<KeyValue> batch, List<SSTMeta> metas, Backoff backoff) {
    long counted = metas.stream().mapToLong(kind::pairsOf).sum();
    if (counted != batch.items().size()) {
      return CompletableFuture.failedFuture(
          new InvalidRequestException(
              ErrorCode.CORRUPT_DATA,
              "the stores of "
                  + batch.region()
                  + " counted "
                  + counted
                  + " pairs of "
                  + batch.items().size()
                  + " that were sent"));
    }
    RegionRequest<MultiIngestRequest, IngestResponse> request =
        new RegionRequest<>(
            INGEST,
            context ->
                MultiIngestRequest.newBuilder().setContext(context).addAllSsts(metas).build(),
            Wire.regionError(IngestResponse::hasError, IngestResponse::getError));
    return calls
        .send(batch.region(), request, backoff)
        .thenApply(
            outcome ->
                outcome instanceof RegionOutcome.Answer<IngestResponse>
                    ? List.of()
                    : batch.items());
  }

  private CompletableFuture<List<KeyValue>> afterFailure(
      RegionBatch<KeyValue> batch, Throwable cause, Backoff backoff) {
    if (!(cause instanceof RpcException failed)) {
      return CompletableFuture.failedFuture(cause);
    }
    String reason = "streaming pairs of " + batch.region() + " failed: " + failed.getMessage();
    return switch (failed.status()) {
      case INVALID_ARGUMENT, UNIMPLEMENTED, FAILED_PRECONDITION, OUT_OF_RANGE ->
          CompletableFuture.failedFuture(
              new InvalidRequestException(ErrorCode.REQUEST_REFUSED, reason, failed));
      case RESOURCE_EXHAUSTED ->
          backoff.pause(BackoffKind.SERVER_BUSY, reason).thenApply(paused -> batch.items());
      default -> {
        // Its peers may be elsewhere by now.
        calls.forget(batch.region());
        yield backoff
            .pause(BackoffKind.STORE_UNREACHABLE, reason)
            .thenApply(paused -> batch.items());
      }
    };
  }
}
