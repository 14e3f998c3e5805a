package io.arrowraft.raft.grpc;

import io.arrowraft.proto.raft.Envelope;
import io.arrowraft.proto.raft.MessageBatch;
import io.arrowraft.proto.raft.StreamClosed;
import io.arrowraft.raft.RaftReceiver;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.util.function.LongSupplier;

/** The receiving half, as a service to be bound with the others of a node. */
public final class RaftRpcService {
  /** Batches that may be on their way to one stream's receiver. */
  private static final int BATCHES_REQUESTED = 16;

  private RaftRpcService() {}

  /**
   * @param storeId this store, or member: streams meant for another are refused
   */
  public static RpcService of(long storeId, RaftReceiver receiver) {
    return of(() -> storeId, receiver);
  }

  /**
   * @param storeId as above, asked at each stream; 0 while it is not known, and then all streams
   *     are refused
   */
  public static RpcService of(LongSupplier storeId, RaftReceiver receiver) {
    return RpcService.named(RaftMethods.SEND.service()).stream(
            RaftMethods.SEND,
            (responses, call) -> {
              responses.request(BATCHES_REQUESTED);
              return new Batches(storeId.getAsLong(), receiver, responses);
            })
        .stream(
            RaftMethods.SEND_SNAPSHOT,
            (responses, call) -> {
              responses.request(1);
              return new SnapshotReceiving(storeId.getAsLong(), receiver, responses);
            })
        .build();
  }

  static RpcException misdirected(long storeId, long toStore) {
    return new RpcException(
        RpcStatus.FAILED_PRECONDITION, "this is store " + storeId + ", not store " + toStore);
  }

  private static final class Batches implements RpcReceiver<MessageBatch> {
    private final long storeId;
    private final RaftReceiver receiver;
    private final RpcStream<StreamClosed> responses;
    private boolean over;

    Batches(long storeId, RaftReceiver receiver, RpcStream<StreamClosed> responses) {
      this.storeId = storeId;
      this.receiver = receiver;
      this.responses = responses;
    }

    @Override
    public void onMessage(MessageBatch batch) {
      if (over) {
        return;
      }
      if (batch.getToStore() != storeId) {
        over = true;
        responses.fail(misdirected(storeId, batch.getToStore()));
        return;
      }
      try {
        for (Envelope envelope : batch.getEnvelopesList()) {
          receiver.receive(MessageCodec.decode(envelope, batch.getFromStore(), batch.getToStore()));
        }
        responses.request(1);
      } catch (RpcException | IllegalArgumentException malformed) {
        over = true;
        responses.fail(
            new RpcException(
                RpcStatus.INVALID_ARGUMENT, String.valueOf(malformed.getMessage()), malformed));
      }
    }

    @Override
    public void onComplete() {
      responses.send(StreamClosed.getDefaultInstance());
      responses.complete();
    }

    @Override
    public void onError(RpcException failure) {
      // The sender opens a new stream, and Raft repeats what was lost.
      over = true;
    }
  }
}
