package io.arrowraft.rpc.grpc;

import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The channel to one address, tried again soon after its peer came back. */
final class PeerChannel {
  private static final long RECONNECT_INTERVAL_NANOS = Duration.ofMillis(200).toNanos();
  private static final int CONNECT_TIMEOUT_MILLIS = 2_000;

  /**
   * How long the other side may leave a probe unanswered. gRPC makes this the time, too, after
   * which the kernel gives up a connection on which nothing is taken: a process that is short of
   * processors may well not read for seconds, and with its connection all calls on it are lost.
   */
  private static final int KEEP_ALIVE_TIMEOUT_SECONDS = 6;

  private final ManagedChannel channel;
  private final int callsMax;
  private final AtomicLong lastReset = new AtomicLong(System.nanoTime());
  private final AtomicInteger unaryCalls = new AtomicInteger();

  private PeerChannel(ManagedChannel channel, int callsMax) {
    this.channel = channel;
    this.callsMax = callsMax;
  }

  static PeerChannel open(String address, IoThreads ioThreads, GrpcTransportOptions options) {
    int colon = address.lastIndexOf(':');
    String host = colon > 0 ? address.substring(0, colon) : address;
    return new PeerChannel(
        NettyChannelBuilder.forAddress(host, portOf(address, colon))
            .usePlaintext()
            .channelType(IoThreads.channelType())
            .eventLoopGroup(ioThreads.group())
            .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
            .withOption(ChannelOption.RECVBUF_ALLOCATOR, IoThreads.inTurns())
            .directExecutor()
            .maxInboundMessageSize(options.inboundMessageBytesMax())
            .flowControlWindow(options.flowControlWindowBytes())
            .keepAliveTime(options.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
            .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .keepAliveWithoutCalls(false)
            .disableRetry()
            .build(),
        options.callsPerConnectionMax());
  }

  <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      long now = System.nanoTime();
      long last = lastReset.get();
      if (now - last > RECONNECT_INTERVAL_NANOS && lastReset.compareAndSet(last, now)) {
        channel.resetConnectBackoff();
      }
    }
    return channel.newCall(method, options);
  }

  /** Takes room for a unary call, to be given back by {@link #leave}; false if there is none. */
  boolean enter() {
    if (unaryCalls.incrementAndGet() <= callsMax) {
      return true;
    }
    unaryCalls.decrementAndGet();
    return false;
  }

  void leave() {
    unaryCalls.decrementAndGet();
  }

  void shutdownNow() {
    channel.shutdownNow();
  }

  private static int portOf(String address, int colon) {
    if (colon > 0) {
      try {
        return Integer.parseInt(address, colon + 1, address.length(), 10);
      } catch (NumberFormatException notANumber) {
        throw badAddress(address, notANumber);
      }
    }
    throw badAddress(address, null);
  }

  private static RpcException badAddress(String address, Throwable cause) {
    return new RpcException(
        RpcStatus.INVALID_ARGUMENT,
        "'" + address + "' is not an address: write host:port, such as 127.0.0.1:2379",
        cause);
  }
}
