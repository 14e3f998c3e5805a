package io.arrowraft.client.raw;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.region.Region;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.region.RegionOutcome;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.proto.kvrpcpb.KvPair;
import io.arrowraft.proto.kvrpcpb.RawBatchGetRequest;
import io.arrowraft.proto.kvrpcpb.RawBatchGetResponse;
import io.arrowraft.proto.kvrpcpb.RawGetRequest;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Gets of single keys. */
record SharedGets(RegionCalls calls) implements SharedRequests.Sending<Bytes, Optional<Bytes>> {
  @Override
  public Bytes key(Bytes key) {
    return key;
  }

  @Override
  public int byteSize(Bytes key) {
    return key.length();
  }

  @Override
  public CompletableFuture<Optional<Bytes>> alone(Bytes key, Backoff backoff) {
    return calls
        .callByKey(
            KeySpace.RAW,
            key,
            RawRequests.get(
                context ->
                    RawGetRequest.newBuilder().setContext(context).setKey(Wire.of(key)).build()),
            backoff)
        .thenApply(
            response -> {
              RawClient.refuseOn(response.getError());
              return response.getNotFound()
                  ? Optional.<Bytes>empty()
                  : Optional.of(Wire.of(response.getValue()));
            });
  }

  @Override
  public CompletableFuture<RegionOutcome<List<Optional<Bytes>>>> together(
      Region region, List<Bytes> keys, Backoff backoff) {
    return calls
        .send(
            region,
            RawRequests.batchGet(
                context ->
                    RawBatchGetRequest.newBuilder()
                        .setContext(context)
                        .addAllKeys(keys.stream().map(Wire::of).toList())
                        .build()),
            backoff)
        .thenApply(
            outcome ->
                outcome instanceof RegionOutcome.Moved<RawBatchGetResponse> moved
                    ? new RegionOutcome.Moved<>(moved.reason())
                    : new RegionOutcome.Answer<>(
                        values(
                            keys,
                            ((RegionOutcome.Answer<RawBatchGetResponse>) outcome).response())));
  }

  private static List<Optional<Bytes>> values(List<Bytes> keys, RawBatchGetResponse response) {
    Map<Bytes, Bytes> found = new HashMap<>();
    for (KvPair pair : response.getPairsList()) {
      if (pair.hasError()) {
        throw new InvalidRequestException(
            ErrorCode.REQUEST_REFUSED, "batch get refused: " + pair.getError().getAbort());
      }
      found.put(Wire.of(pair.getKey()), Wire.of(pair.getValue()));
    }
    List<Optional<Bytes>> values = new ArrayList<>(keys.size());
    for (Bytes key : keys) {
      values.add(Optional.ofNullable(found.get(key)));
    }
    return values;
  }
}
