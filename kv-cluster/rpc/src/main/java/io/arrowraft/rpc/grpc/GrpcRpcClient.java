package io.arrowraft.rpc.grpc;

import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Calls other nodes over gRPC, with one channel to each address. Safe for use by any thread. */
public final class GrpcRpcClient implements RpcClient, AutoCloseable {
  private final GrpcTransportOptions options;
  private final IoThreads ioThreads;
  private final boolean ownsThreads;
  private final Map<String, PeerChannel> channels = new ConcurrentHashMap<>();
  private final Map<RpcMethod<?, ?>, MethodDescriptor<?, ?>> descriptors =
      new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * @param name put before the names of the I/O threads
   */
  public GrpcRpcClient(String name, GrpcTransportOptions options) {
    this(
        IoThreads.start(name + "-client-io", options.ioThreads(), options.shutdownBound()),
        options,
        true);
  }

  /**
   * @param ioThreads outlive this client
   */
  public GrpcRpcClient(IoThreads ioThreads, GrpcTransportOptions options) {
    this(ioThreads, options, false);
  }

  private GrpcRpcClient(IoThreads ioThreads, GrpcTransportOptions options, boolean ownsThreads) {
    this.options = options;
    this.ioThreads = ioThreads;
    this.ownsThreads = ownsThreads;
  }

  @Override
  public <Q, R> CompletableFuture<R> call(
      String address, RpcMethod<Q, R> method, Q request, Duration timeout) {
    PeerChannel channel;
    try {
      channel = channel(address);
    } catch (RpcException refused) {
      return CompletableFuture.failedFuture(refused);
    }
    if (!channel.enter()) {
      return CompletableFuture.failedFuture(
          RpcException.notSent(
              method
                  + " at "
                  + address
                  + ": "
                  + options.callsPerConnectionMax()
                  + " calls are under way already; wait for some of them to end"));
    }
    CompletableFuture<R> answer = new CompletableFuture<>();
    answer.whenComplete((value, failure) -> channel.leave());
    send(
        channel.newCall(descriptor(method), options(timeout)),
        new UnaryAnswer<>(answer, method + " at " + address),
        request);
    return answer;
  }

  private static <Q, R> void send(ClientCall<Q, R> call, UnaryAnswer<R> answer, Q request) {
    call.start(answer, new Metadata());
    call.request(2);
    call.sendMessage(request);
    call.halfClose();
    answer.answer.whenComplete(
        (value, failure) -> {
          if (answer.answer.isCancelled()) {
            call.cancel("cancelled by the caller", null);
          }
        });
  }

  @Override
  public <Q, R> RpcStream<Q> open(
      String address, RpcMethod<Q, R> method, Duration timeout, RpcReceiver<R> responses) {
    ClientCall<Q, R> call = channel(address).newCall(descriptor(method), options(timeout));
    call.start(new StreamAnswers<>(responses, method + " at " + address), new Metadata());
    return new ClientStream<>(call);
  }

  /** Cancels what runs and closes every channel. */
  @Override
  public void close() {
    closed = true;
    channels.values().forEach(PeerChannel::shutdownNow);
    if (ownsThreads) {
      ioThreads.close();
    }
  }

  private PeerChannel channel(String address) {
    if (closed) {
      throw new RpcException(RpcStatus.CANCELLED, "the RPC client is closed");
    }
    return channels.computeIfAbsent(address, to -> PeerChannel.open(to, ioThreads, options));
  }

  private static CallOptions options(Duration timeout) {
    return timeout.isZero()
        ? CallOptions.DEFAULT
        : CallOptions.DEFAULT.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  @SuppressWarnings("unchecked")
  private <Q, R> MethodDescriptor<Q, R> descriptor(RpcMethod<Q, R> method) {
    // The value was made from the key, so their type arguments agree.
    return (MethodDescriptor<Q, R>) descriptors.computeIfAbsent(method, RpcMethods::descriptor);
  }

  private static final class UnaryAnswer<R> extends ClientCall.Listener<R> {
    private final CompletableFuture<R> answer;
    private final String where;
    private R value;

    UnaryAnswer(CompletableFuture<R> answer, String where) {
      this.answer = answer;
      this.where = where;
    }

    @Override
    public void onMessage(R message) {
      value = message;
    }

    @Override
    public void onClose(io.grpc.Status status, Metadata trailers) {
      if (!status.isOk()) {
        answer.completeExceptionally(Statuses.toException(status, where));
      } else if (value == null) {
        answer.completeExceptionally(
            new RpcException(RpcStatus.INTERNAL, where + ": ended without an answer"));
      } else {
        answer.complete(value);
      }
    }
  }

  private static final class StreamAnswers<R> extends ClientCall.Listener<R> {
    private final RpcReceiver<R> receiver;
    private final String where;

    StreamAnswers(RpcReceiver<R> receiver, String where) {
      this.receiver = receiver;
      this.where = where;
    }

    @Override
    public void onMessage(R message) {
      receiver.onMessage(message);
    }

    @Override
    public void onReady() {
      receiver.onReady();
    }

    @Override
    public void onClose(io.grpc.Status status, Metadata trailers) {
      if (status.isOk()) {
        receiver.onComplete();
      } else {
        receiver.onError(Statuses.toException(status, where));
      }
    }
  }

  /** gRPC's calls are not safe for several senders; the lock makes this one so. */
  private static final class ClientStream<Q> implements RpcStream<Q> {
    private final ClientCall<Q, ?> call;
    private boolean ended;

    ClientStream(ClientCall<Q, ?> call) {
      this.call = call;
    }

    @Override
    public synchronized void send(Q message) {
      if (!ended) {
        call.sendMessage(message);
      }
    }

    @Override
    public boolean isReady() {
      return call.isReady();
    }

    @Override
    public void request(int count) {
      call.request(count);
    }

    @Override
    public synchronized void complete() {
      if (!ended) {
        ended = true;
        call.halfClose();
      }
    }

    @Override
    public synchronized void fail(RpcException failure) {
      ended = true;
      call.cancel(failure.getMessage(), failure);
    }
  }
}
