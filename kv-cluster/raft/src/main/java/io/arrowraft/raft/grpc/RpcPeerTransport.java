package io.arrowraft.raft.grpc;

import io.arrowraft.raft.PeerTransport;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.SnapshotSource;
import io.arrowraft.raft.StoreUnreachable;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The sending half: a stream to each store, opened when first needed. Messages go into their stream
 * on the caller's thread; the transport's loop only opens and mends streams. Safe for use by any
 * thread.
 */
public final class RpcPeerTransport implements PeerTransport {
  private final long storeId;
  private final RpcTransportOptions options;
  private final EventLoop loop;
  private final RpcClient client;
  private final StoreAddresses addresses;
  private final StoreUnreachable unreachable;
  private final AtomicInteger snapshots = new AtomicInteger();
  private final ConcurrentMap<Long, StoreStream> streams = new ConcurrentSkipListMap<>();
  private final Set<SnapshotSending> sendings = new LinkedHashSet<>();
  private volatile boolean closed;

  /**
   * @param storeId this store, or member
   * @param loop on which streams are opened and snapshots sent
   * @param unreachable told of each peer whose messages are dropped
   */
  public RpcPeerTransport(
      long storeId,
      RpcTransportOptions options,
      EventLoop loop,
      RpcClient client,
      StoreAddresses addresses,
      StoreUnreachable unreachable) {
    this.storeId = storeId;
    this.options = Objects.requireNonNull(options, "options");
    this.loop = loop;
    this.client = client;
    this.addresses = addresses;
    this.unreachable = unreachable;
  }

  @Override
  public void send(RaftEnvelope envelope) {
    sendAll(List.of(envelope));
  }

  @Override
  public void sendAll(List<RaftEnvelope> envelopes) {
    if (closed) {
      return;
    }
    Set<StoreStream> touched = new LinkedHashSet<>();
    for (RaftEnvelope envelope : envelopes) {
      StoreStream stream = streamTo(envelope.toStore());
      if (!stream.enqueue(envelope)) {
        unreachable.unreachable(envelope.groupId(), envelope.message().to());
      }
      touched.add(stream);
    }
    // A stream made while the transport closes must not outlive it.
    touched.forEach(closed ? StoreStream::close : StoreStream::flush);
  }

  private StoreStream streamTo(long toStore) {
    return streams.computeIfAbsent(
        toStore,
        store -> new StoreStream(storeId, store, options, loop, client, addresses, unreachable));
  }

  @Override
  public void sendSnapshot(
      RaftEnvelope envelope, SnapshotSource source, Consumer<Boolean> delivered) {
    if (snapshots.incrementAndGet() > options.snapshotsMax()) {
      snapshots.decrementAndGet();
      source.close();
      delivered.accept(false);
      return;
    }
    SnapshotSending sending =
        new SnapshotSending(
            loop,
            source,
            (over, success) -> {
              sendings.remove(over);
              snapshots.decrementAndGet();
              delivered.accept(success);
            });
    CompletionStage<String> address = addresses.addressOf(envelope.toStore());
    address.whenComplete(
        (found, failure) ->
            loop.execute(
                () -> {
                  if (failure != null) {
                    sending.fail(failure);
                  } else if (closed) {
                    sending.fail(closing());
                  } else {
                    sendings.add(sending);
                    sending.start(client, found, options.snapshotTimeout(), envelope);
                  }
                }));
  }

  /** Ends all streams; what is sent afterwards is dropped. */
  public void close() {
    loop.execute(
        () -> {
          closed = true;
          streams.values().forEach(StoreStream::close);
          streams.clear();
          // They hold the engine's old data, and with it the engine, open.
          new ArrayList<>(sendings).forEach(sending -> sending.fail(closing()));
        });
  }

  private static RpcException closing() {
    return new RpcException(RpcStatus.CANCELLED, "the transport is closed");
  }
}
