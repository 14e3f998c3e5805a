package io.arrowraft.rpc.grpc;

import io.arrowraft.rpc.http.HttpHandler;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcServer;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import java.net.InetSocketAddress;
import java.time.Duration;

/** Serves HTTP on a port of its own. Safe for use by any thread. */
public final class HttpServers {
  private final String name;
  private final GrpcTransportOptions options;

  /**
   * @param name put before the names of the I/O threads
   */
  public HttpServers(String name, GrpcTransportOptions options) {
    this.name = name;
    this.options = options;
  }

  /**
   * Listens. Blocks until the port is open.
   *
   * @param port 0: any free one
   * @throws RpcException if the port is in use
   */
  public RpcServer bind(String host, int port, HttpHandler handler) {
    IoThreads thread = IoThreads.start(name + "-http", 1, options.shutdownBound());
    ChannelFuture bound =
        new ServerBootstrap()
            .group(thread.group())
            .channel(IoThreads.serverChannelType())
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    HttpExchange.handlers(handler).forEach(channel.pipeline()::addLast);
                  }
                })
            .bind(new InetSocketAddress(host, port))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      thread.close();
      throw new RpcException(
          RpcStatus.UNAVAILABLE,
          "cannot listen on %s:%d: %s; choose another port or stop the process that holds it"
              .formatted(host, port, bound.cause().getMessage()),
          bound.cause());
    }
    int chosen = ((InetSocketAddress) bound.channel().localAddress()).getPort();
    return new Bound(bound.channel(), host + ":" + chosen, thread, options.shutdownBound());
  }

  private record Bound(Channel listener, String address, IoThreads thread, Duration shutdownBound)
      implements RpcServer {
    @Override
    public void close(Duration grace) {
      listener.close().awaitUninterruptibly(shutdownBound.toMillis());
      thread.close();
    }
  }
}
