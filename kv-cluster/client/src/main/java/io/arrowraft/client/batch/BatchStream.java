package io.arrowraft.client.batch;

import com.google.protobuf.Message;
import io.arrowraft.proto.tikvpb.BatchCommandsRequest;
import io.arrowraft.proto.tikvpb.BatchCommandsResponse;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One stream to a store, from its opening to its end, with the requests that were sent on it. */
final class BatchStream {
  private static final RpcMethod<BatchCommandsRequest, BatchCommandsResponse> METHOD =
      RpcMethods.of(TikvGrpc.getBatchCommandsMethod());

  private static final int BATCH_REQUESTS_MAX = 128;
  private static final int BATCH_BYTES_MAX = 256 << 10;

  /** Messages that the store may send before the loop has looked at the first of them. */
  private static final int UNREAD_MESSAGES_MAX = 16;

  /** What happens to the stream, on the loop. */
  interface Events {
    /** It takes messages again. */
    void ready();

    void broken(BatchStream which, RpcException failure);

    /** The store takes nothing more, and has taken nothing that it has not answered. */
    void endedInOrder(BatchStream which);
  }

  private final EventLoop loop;
  private final BatchMeters meters;
  private final Events events;
  private final Map<Long, BatchEntry> underWay = new LinkedHashMap<>();
  private RpcStream<BatchCommandsRequest> stream;
  private boolean ended;
  private long lastId;

  BatchStream(EventLoop loop, BatchMeters meters, Events events) {
    this.loop = loop;
    this.meters = meters;
    this.events = events;
  }

  void open(RpcClient rpc, String address) {
    try {
      stream = rpc.open(address, METHOD, Duration.ZERO, new Answers());
      stream.request(UNREAD_MESSAGES_MAX);
    } catch (RpcException refused) {
      end(refused);
    }
  }

  /** Sends from the front of {@code waiting} as long as the stream takes messages. */
  void sendFrom(Deque<BatchEntry> waiting) {
    while (!ended && !waiting.isEmpty() && stream.isReady()) {
      BatchCommandsRequest.Builder batch = BatchCommandsRequest.newBuilder();
      int bytes = 0;
      while (!waiting.isEmpty()
          && batch.getRequestsCount() < BATCH_REQUESTS_MAX
          && bytes < BATCH_BYTES_MAX) {
        BatchEntry entry = waiting.poll();
        if (entry.abandoned().get()) {
          continue;
        }
        bytes += entry.request().getSerializedSize();
        underWay.put(++lastId, entry);
        batch
            .addRequestIds(lastId)
            .addRequests(
                BatchCommandsRequest.Request.newBuilder()
                    .setField(entry.kind().request(), entry.request()));
      }
      if (batch.getRequestsCount() > 0) {
        meters.requests().record(batch.getRequestsCount());
        stream.send(batch.build());
      }
    }
  }

  /**
   * Ends the requests whose time is over.
   *
   * @return whether some are left
   */
  boolean sweep(TimeSource time) {
    List<BatchEntry> late = new ArrayList<>();
    underWay
        .values()
        .removeIf(
            entry -> {
              boolean isLate = entry.deadline().isExpired(time);
              if (isLate) {
                late.add(entry);
              }
              return isLate || entry.abandoned().get();
            });
    for (BatchEntry entry : late) {
      entry
          .failed()
          .accept(
              new RpcException(RpcStatus.DEADLINE_EXCEEDED, entry.what() + ": no answer in time"));
    }
    return !underWay.isEmpty();
  }

  /** Ends the stream from this side. */
  void close(RpcException reason) {
    if (!ended) {
      stream.complete();
      end(reason);
    }
  }

  private void onBatch(BatchCommandsResponse batch) {
    if (ended) {
      return;
    }
    for (int i = 0; i < batch.getRequestIdsCount(); i++) {
      BatchEntry entry = underWay.remove(batch.getRequestIds(i));
      // Not there: its time was over.
      if (entry != null) {
        settle(entry, entry.kind().answer(batch.getResponses(i)));
      }
    }
    stream.request(1);
  }

  private void settle(BatchEntry entry, Optional<Message> answer) {
    if (answer.isEmpty() || entry.kind().isFailure(answer.get())) {
      // A kind that this store does not batch, or a failure whose status only a call can carry.
      meters.alone().increment();
      entry.alone().run();
    } else {
      entry.answered().accept(answer.get());
    }
  }

  private void end(RpcException failure) {
    if (ended) {
      return;
    }
    ended = true;
    List<BatchEntry> sent = new ArrayList<>(underWay.values());
    underWay.clear();
    events.broken(this, failure);
    for (BatchEntry entry : sent) {
      if (failure.status() == RpcStatus.UNIMPLEMENTED) {
        entry.alone().run();
      } else {
        entry.failed().accept(failure);
      }
    }
  }

  private void endInOrder() {
    if (ended) {
      return;
    }
    ended = true;
    List<BatchEntry> untaken = new ArrayList<>(underWay.values());
    underWay.clear();
    events.endedInOrder(this);
    for (BatchEntry entry : untaken) {
      entry
          .failed()
          .accept(
              RpcException.unreached(
                  entry.what() + ": the store takes no more requests: it is stopping", null));
    }
  }

  /** Brings what the transport delivers onto the loop. */
  private final class Answers implements RpcReceiver<BatchCommandsResponse> {
    @Override
    public void onMessage(BatchCommandsResponse batch) {
      loop.execute(() -> onBatch(batch));
    }

    @Override
    public void onReady() {
      loop.execute(
          () -> {
            if (!ended) {
              events.ready();
            }
          });
    }

    @Override
    public void onComplete() {
      loop.execute(BatchStream.this::endInOrder);
    }

    @Override
    public void onError(RpcException broken) {
      loop.execute(() -> end(broken));
    }
  }
}
