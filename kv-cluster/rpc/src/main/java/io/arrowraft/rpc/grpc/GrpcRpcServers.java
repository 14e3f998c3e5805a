package io.arrowraft.rpc.grpc;

import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.rpc.http.HttpHandler;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcServer;
import io.arrowraft.runtime.rpc.RpcServers;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.protobuf.services.HealthStatusManager;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.grpc.MetricCollectingServerInterceptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Serves over gRPC. Safe for use by any thread. */
public final class GrpcRpcServers implements RpcServers {
  private final String name;
  private final GrpcTransportOptions options;
  private final TimeSource time;
  private final Optional<HttpHandler> http;
  private final Optional<MeterRegistry> meters;

  /** Empty: each bound server has threads of its own. */
  private final Optional<IoThreads> shared;

  /**
   * @param name put before the names of the I/O threads
   * @param time the clock on which callers' deadlines are expressed to handlers
   */
  public GrpcRpcServers(String name, GrpcTransportOptions options, TimeSource time) {
    this(name, options, time, Optional.empty(), Optional.empty(), Optional.empty());
  }

  private GrpcRpcServers(
      String name,
      GrpcTransportOptions options,
      TimeSource time,
      Optional<HttpHandler> http,
      Optional<MeterRegistry> meters,
      Optional<IoThreads> shared) {
    this.name = name;
    this.options = options;
    this.time = time;
    this.http = http;
    this.meters = meters;
    this.shared = shared;
  }

  /** The same on threads that outlive its servers. */
  public GrpcRpcServers withThreads(IoThreads threads) {
    return new GrpcRpcServers(name, options, time, http, meters, Optional.of(threads));
  }

  /** The same, with HTTP/1.1 on each port beside gRPC. */
  public GrpcRpcServers withHttp(HttpHandler handler) {
    return new GrpcRpcServers(name, options, time, Optional.of(handler), meters, shared);
  }

  /** The same, which counts and times the calls of each method. */
  public GrpcRpcServers withMeters(MeterRegistry registry) {
    return new GrpcRpcServers(name, options, time, http, Optional.of(registry), shared);
  }

  @Override
  public RpcServer bind(String host, int port, List<RpcService> services) {
    IoThreads ioThreads =
        shared.orElseGet(
            () ->
                IoThreads.start(name + "-server-io", options.ioThreads(), options.shutdownBound()));
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(host, port))
            .channelType(IoThreads.serverChannelType())
            .bossEventLoopGroup(ioThreads.group())
            .workerEventLoopGroup(ioThreads.group())
            .withChildOption(ChannelOption.RECVBUF_ALLOCATOR, IoThreads.inTurns())
            .directExecutor()
            .maxInboundMessageSize(options.inboundMessageBytesMax())
            .flowControlWindow(options.flowControlWindowBytes())
            .maxConcurrentCallsPerConnection(options.callsPerConnectionMax())
            .permitKeepAliveTime(1, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .addService(new HealthStatusManager().getHealthService());
    http.ifPresent(handler -> builder.protocolNegotiator(new SharedPort(handler)));
    meters.ifPresent(
        registry -> builder.intercept(new MetricCollectingServerInterceptor(registry)));
    services.forEach(service -> builder.addService(definition(service, ioThreads)));
    Server server = builder.build();
    try {
      server.start();
    } catch (IOException refused) {
      if (shared.isEmpty()) {
        ioThreads.close();
      }
      throw new RpcException(
          RpcStatus.UNAVAILABLE,
          "cannot listen on %s:%d: %s; choose another port or stop the process that holds it"
              .formatted(host, port, rootMessage(refused)),
          refused);
    }
    return new Bound(
        server,
        host + ":" + server.getPort(),
        shared.isEmpty() ? ioThreads::close : () -> {},
        options.shutdownBound());
  }

  private ServerServiceDefinition definition(RpcService service, IoThreads ioThreads) {
    ServerServiceDefinition.Builder builder = ServerServiceDefinition.builder(service.name());
    service.bindings().values().forEach(binding -> add(builder, binding, ioThreads));
    return builder.build();
  }

  private <Q, R> void add(
      ServerServiceDefinition.Builder builder,
      RpcService.Binding<Q, R> binding,
      IoThreads ioThreads) {
    builder.addMethod(
        RpcMethods.descriptor(binding.method()),
        binding.unary() != null
            ? new UnaryServerCall<>(binding.unary(), time)
            : new StreamServerCall<>(binding.stream(), time, ioThreads));
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage();
  }

  private record Bound(Server server, String address, Runnable closeThreads, Duration shutdownBound)
      implements RpcServer {
    @Override
    public void close(Duration grace) {
      server.shutdown();
      try {
        if (grace.isZero() || !server.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS)) {
          server.shutdownNow();
          server.awaitTermination(shutdownBound.toMillis(), TimeUnit.MILLISECONDS);
        }
      } catch (InterruptedException interrupted) {
        server.shutdownNow();
        Thread.currentThread().interrupt();
      }
      closeThreads.run();
    }
  }
}
