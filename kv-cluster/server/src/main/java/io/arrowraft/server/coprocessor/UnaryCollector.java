package io.arrowraft.server.coprocessor;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.server.txn.ResponseTooLargeException;
import java.util.concurrent.CompletableFuture;

/** Gathers a plan's responses into one, whose data is the batches one after the other. */
final class UnaryCollector implements ResponseSink {
  private final long bytesMax;
  private final CompletableFuture<Response> result = new CompletableFuture<>();
  private ByteString data = ByteString.EMPTY;
  private Response last = Response.getDefaultInstance();

  /**
   * @param bytesMax most bytes of all batches
   */
  UnaryCollector(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  CompletableFuture<Response> result() {
    return result;
  }

  @Override
  public boolean isReady() {
    return true;
  }

  @Override
  public void send(Response response) {
    if (!response.getData().isEmpty()) {
      if (data.size() + (long) response.getData().size() > bytesMax) {
        throw new ResponseTooLargeException("coprocessor request", bytesMax);
      }
      // The bytes are the plan's own and change with its next batch.
      data = data.concat(ByteString.copyFrom(response.getData().asReadOnlyByteBuffer()));
    }
    // The end of a plan may come in two: what is settled, then the lock that stopped it.
    last = last.toBuilder().mergeFrom(response.toBuilder().clearData().build()).build();
  }

  @Override
  public void complete() {
    boolean refused = last.hasRegionError() || !last.getOtherError().isEmpty();
    result.complete(refused ? last : last.toBuilder().setData(data).build());
  }

  @Override
  public void fail(RpcException failure) {
    result.completeExceptionally(failure);
  }
}
