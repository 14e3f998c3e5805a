package io.arrowraft.raft.grpc;

import io.arrowraft.proto.raft.Envelope;
import io.arrowraft.proto.raft.MessageBatch;
import io.arrowraft.proto.raft.StreamClosed;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.StoreUnreachable;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream to one store, and what waits for it. Safe for use by any thread: whoever has messages
 * encodes and sends them; the transport's loop opens the stream and hears of its end.
 */
final class StoreStream {
  private static final Logger log = LoggerFactory.getLogger(StoreStream.class);

  private enum State {
    IDLE,
    CONNECTING,
    OPEN,
    /** Broken a moment ago; everything is dropped until the delay is over. */
    RESTING,
    CLOSED
  }

  private record Queued(long groupId, long peer, Envelope envelope, int bytes) {}

  private record Lost(long groupId, long peer) {}

  private final long fromStore;
  private final long toStore;
  private final RpcTransportOptions options;
  private final EventLoop loop;
  private final RpcClient client;
  private final StoreAddresses addresses;
  private final StoreUnreachable unreachable;
  private final ArrayDeque<Queued> queue = new ArrayDeque<>();
  private long queuedBytes;
  private State state = State.IDLE;
  private RpcStream<MessageBatch> stream;

  /** Tells late events of an earlier stream from those of the present one. */
  private int generation;

  StoreStream(
      long fromStore,
      long toStore,
      RpcTransportOptions options,
      EventLoop loop,
      RpcClient client,
      StoreAddresses addresses,
      StoreUnreachable unreachable) {
    this.fromStore = fromStore;
    this.toStore = toStore;
    this.options = options;
    this.loop = loop;
    this.client = client;
    this.addresses = addresses;
    this.unreachable = unreachable;
  }

  /** Whether there was room. */
  boolean enqueue(RaftEnvelope envelope) {
    Envelope encoded = MessageCodec.encode(envelope);
    return enqueue(envelope, encoded, encoded.getSerializedSize());
  }

  private synchronized boolean enqueue(RaftEnvelope envelope, Envelope encoded, int bytes) {
    if (state == State.RESTING
        || state == State.CLOSED
        || queue.size() >= options.queuedMax()
        || (!queue.isEmpty() && queuedBytes + bytes > options.queuedBytesMax())) {
      return false;
    }
    queue.addLast(new Queued(envelope.groupId(), envelope.message().to(), encoded, bytes));
    queuedBytes += bytes;
    return true;
  }

  synchronized void flush() {
    if (state == State.IDLE && !queue.isEmpty()) {
      connect();
    }
    while (state == State.OPEN && !queue.isEmpty() && stream.isReady()) {
      stream.send(nextBatch());
    }
  }

  private MessageBatch nextBatch() {
    MessageBatch.Builder batch =
        MessageBatch.newBuilder().setFromStore(fromStore).setToStore(toStore);
    long bytes = 0;
    while (!queue.isEmpty()
        && (bytes == 0 || bytes + queue.peekFirst().bytes() <= options.batchBytesMax())) {
      Queued first = queue.removeFirst();
      queuedBytes -= first.bytes();
      bytes += first.bytes();
      batch.addEnvelopes(first.envelope());
    }
    return batch.build();
  }

  private void connect() {
    state = State.CONNECTING;
    int attempt = ++generation;
    addresses
        .addressOf(toStore)
        .whenComplete(
            (address, failure) ->
                loop.execute(
                    () -> {
                      if (failure != null) {
                        broken(attempt, failure);
                      } else {
                        open(attempt, address);
                      }
                    }));
  }

  private synchronized void open(int attempt, String address) {
    if (attempt != generation || state != State.CONNECTING) {
      return;
    }
    stream =
        client.open(
            address,
            RaftMethods.SEND,
            Duration.ZERO,
            new RpcReceiver<StreamClosed>() {
              @Override
              public void onMessage(StreamClosed closed) {}

              @Override
              public void onComplete() {
                loop.execute(() -> broken(attempt, null));
              }

              @Override
              public void onError(RpcException failure) {
                loop.execute(() -> broken(attempt, failure));
              }

              @Override
              public void onReady() {
                loop.execute(StoreStream.this::flush);
              }
            });
    state = State.OPEN;
    stream.request(1);
    flush();
  }

  private synchronized void broken(int attempt, Throwable failure) {
    if (attempt != generation || state == State.CLOSED || state == State.RESTING) {
      return;
    }
    log.debug("raft stream broke to={} waiting={}", toStore, queue.size(), failure);
    state = State.RESTING;
    stream = null;
    dropQueue();
    loop.schedule(options.reconnectDelay(), this::rested);
  }

  private synchronized void rested() {
    if (state == State.RESTING) {
      state = State.IDLE;
    }
  }

  private void dropQueue() {
    Set<Lost> lost = new LinkedHashSet<>();
    for (Queued each : queue) {
      lost.add(new Lost(each.groupId(), each.peer()));
    }
    queue.clear();
    queuedBytes = 0;
    lost.forEach(each -> unreachable.unreachable(each.groupId(), each.peer()));
  }

  synchronized void close() {
    if (stream != null) {
      stream.complete();
    }
    state = State.CLOSED;
    queue.clear();
    queuedBytes = 0;
  }
}
