package io.arrowraft.server.service;

import io.arrowraft.proto.tikvpb.BatchCommandsRequest;
import io.arrowraft.proto.tikvpb.BatchCommandsResponse;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStream;
import java.util.ArrayList;
import java.util.List;

/** The open streams of batches, which live until a side ends them. Safe for use by any thread. */
final class BatchStreams {
  // Guarded by this.
  private final List<BatchCommands> open = new ArrayList<>();
  private boolean stopped;

  RpcReceiver<BatchCommandsRequest> serve(
      BatchedMethods methods, RpcStream<BatchCommandsResponse> responses, RpcCall call) {
    BatchCommands stream = BatchCommands.serve(methods, responses, call);
    if (!add(stream)) {
      // In order, so that the client knows that nothing was taken.
      stream.stop();
    }
    return stream;
  }

  private synchronized boolean add(BatchCommands stream) {
    if (!stopped) {
      // Streams are few and end seldom: those of the past leave when a new one comes.
      open.removeIf(BatchCommands::hasEnded);
      open.add(stream);
    }
    return !stopped;
  }

  /** No stream is begun any more, and each ends once what it has taken is answered. */
  void stop() {
    List<BatchCommands> ending;
    synchronized (this) {
      stopped = true;
      ending = List.copyOf(open);
      open.clear();
    }
    ending.forEach(BatchCommands::stop);
  }
}
