package io.arrowraft.client.raw;

import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.region.Region;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.region.RegionOutcome;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.kvrpcpb.KvPair;
import io.arrowraft.proto.kvrpcpb.RawBatchPutRequest;
import io.arrowraft.proto.kvrpcpb.RawBatchPutResponse;
import io.arrowraft.proto.kvrpcpb.RawPutRequest;
import io.arrowraft.runtime.Bytes;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Puts of single keys. */
record SharedPuts(RegionCalls calls) implements SharedRequests.Sending<KeyValue, Void> {
  @Override
  public Bytes key(KeyValue pair) {
    return pair.key();
  }

  @Override
  public int byteSize(KeyValue pair) {
    return pair.key().length() + pair.value().length();
  }

  @Override
  public CompletableFuture<Void> alone(KeyValue pair, Backoff backoff) {
    return calls
        .callByKey(
            KeySpace.RAW,
            pair.key(),
            RawRequests.write(
                calls,
                RawRequests.put(
                    context ->
                        RawPutRequest.newBuilder()
                            .setContext(context)
                            .setKey(Wire.of(pair.key()))
                            .setValue(Wire.of(pair.value()))
                            .build())),
            backoff)
        .thenAccept(response -> RawClient.refuseOn(response.getError()));
  }

  @Override
  public CompletableFuture<RegionOutcome<List<Void>>> together(
      Region region, List<KeyValue> pairs, Backoff backoff) {
    return calls
        .send(
            region,
            RawRequests.write(calls, RawRequests.batchPut(context -> message(context, pairs))),
            backoff)
        .thenApply(
            outcome -> {
              if (outcome instanceof RegionOutcome.Moved<RawBatchPutResponse> moved) {
                return new RegionOutcome.Moved<>(moved.reason());
              }
              RawClient.refuseOn(
                  ((RegionOutcome.Answer<RawBatchPutResponse>) outcome).response().getError());
              return new RegionOutcome.Answer<>(Collections.nCopies(pairs.size(), null));
            });
  }

  static RawBatchPutRequest message(Context context, List<KeyValue> pairs) {
    RawBatchPutRequest.Builder builder = RawBatchPutRequest.newBuilder().setContext(context);
    for (KeyValue pair : pairs) {
      builder.addPairs(
          KvPair.newBuilder().setKey(Wire.of(pair.key())).setValue(Wire.of(pair.value())));
    }
    return builder.build();
  }
}
