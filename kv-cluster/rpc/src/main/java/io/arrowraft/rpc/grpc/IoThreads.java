package io.arrowraft.rpc.grpc;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The threads that read and write sockets. */
final class IoThreads {
  private IoThreads() {}

  static EventLoopGroup start(String name, int count) {
    return new MultiThreadIoEventLoopGroup(
        count, new DefaultThreadFactory(name, true), NioIoHandler.newFactory());
  }

  static void stop(EventLoopGroup threads, Duration bound) {
    threads
        .shutdownGracefully(0, bound.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(bound.toMillis());
  }
}
