package io.arrowraft.rpc.grpc;

import io.grpc.netty.shaded.io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.RecvByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The threads that read and write sockets. A process lets its client and its servers share them: a
 * thread that is awake for what arrives writes what is to go out as well. Whoever starts them
 * closes them, after all that use them.
 */
public final class IoThreads implements AutoCloseable {
  /**
   * Held here, since a logger that nobody holds forgets its level. For every answer that a lost
   * connection leaves behind it writes a stack trace, on the I/O thread: seconds, in which peers
   * are not heard.
   */
  private static final Logger STREAM_ERRORS =
      Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerHandler");

  private final EventLoopGroup group;
  private final Duration closeBound;

  private IoThreads(EventLoopGroup group, Duration closeBound) {
    this.group = group;
    this.closeBound = closeBound;
  }

  /**
   * @param name put before the names of the threads
   */
  public static IoThreads start(String name, GrpcTransportOptions options) {
    return start(name + "-io", options.ioThreads(), options.shutdownBound());
  }

  static IoThreads start(String name, int count, Duration closeBound) {
    STREAM_ERRORS.setLevel(Level.SEVERE);
    return new IoThreads(
        new MultiThreadIoEventLoopGroup(
            count, new DefaultThreadFactory(name, true), handlerFactory()),
        closeBound);
  }

  EventLoopGroup group() {
    return group;
  }

  /** Runs tasks on the thread that calls this, if it is one of these; else at once. */
  Executor here() {
    for (EventExecutor thread : group) {
      if (thread.inEventLoop()) {
        return task -> {
          try {
            thread.execute(task);
          } catch (RejectedExecutionException ended) {
            task.run();
          }
        };
      }
    }
    return Runnable::run;
  }

  private static IoHandlerFactory handlerFactory() {
    return Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
  }

  static Class<? extends Channel> channelType() {
    return Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  static Class<? extends ServerChannel> serverChannelType() {
    return Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  /**
   * How connections are read: a piece of up to 64 KiB of each in turn. With the usual sixteen
   * pieces at a time, one client that floods its connection keeps a thread busy for thousands of
   * requests before a peer's heartbeat is read, which arrived on another.
   */
  static RecvByteBufAllocator inTurns() {
    return new AdaptiveRecvByteBufAllocator().maxMessagesPerRead(1);
  }

  /** Waits, within a bound, for what the threads still do. */
  @Override
  public void close() {
    group
        .shutdownGracefully(0, closeBound.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(closeBound.toMillis());
  }
}
