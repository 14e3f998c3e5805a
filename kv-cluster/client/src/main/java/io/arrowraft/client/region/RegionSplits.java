package io.arrowraft.client.region;

import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.proto.kvrpcpb.SplitRegionRequest;
import io.arrowraft.proto.kvrpcpb.SplitRegionResponse;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcMethod;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Splits regions at keys of the caller's choice. */
public final class RegionSplits {
  private static final RpcMethod<SplitRegionRequest, SplitRegionResponse> SPLIT =
      RpcMethods.of(TikvGrpc.getSplitRegionMethod());
  private static final int KEYS_PER_REQUEST = 64;

  private final RegionCalls calls;

  public RegionSplits(RegionCalls calls) {
    this.calls = calls;
  }

  /** Makes each key the start of a region; a key that already is one is left out. */
  public CompletableFuture<Void> split(KeySpace space, List<Bytes> keys) {
    List<Bytes> ordered = List.copyOf(new TreeSet<>(keys));
    BatchShape<Bytes> shape =
        new BatchShape<>(
            space, Function.identity(), Bytes::length, Integer.MAX_VALUE, KEYS_PER_REQUEST);
    return calls.operation(
        backoff ->
            calls.forEachRegion(
                ordered, shape, (batch, branch) -> split(space, batch, branch), backoff));
  }

  private CompletableFuture<List<Bytes>> split(
      KeySpace space, RegionBatch<Bytes> batch, io.arrowraft.client.retry.Backoff backoff) {
    List<Bytes> inside =
        batch.items().stream()
            .filter(key -> !space.regionKey(key).equals(batch.region().startKey()))
            .toList();
    if (inside.isEmpty()) {
      return CompletableFuture.completedFuture(List.of());
    }
    RegionRequest<SplitRegionRequest, SplitRegionResponse> request =
        new RegionRequest<>(
            SPLIT,
            context ->
                SplitRegionRequest.newBuilder()
                    .setContext(context)
                    .addAllSplitKeys(inside.stream().map(Wire::of).toList())
                    .setIsRawKv(space == KeySpace.RAW)
                    .build(),
            Wire.regionError(
                SplitRegionResponse::hasRegionError, SplitRegionResponse::getRegionError));
    return calls
        .send(batch.region(), request, backoff)
        .thenApply(
            outcome -> {
              if (outcome instanceof RegionOutcome.Answer<SplitRegionResponse> answer) {
                calls.split(batch.region(), answer.response().getRegionsList());
                return List.of();
              }
              return batch.items();
            });
  }
}
