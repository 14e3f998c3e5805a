package io.arrowraft.bench;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.kvrpcpb.RawPutRequest;
import io.arrowraft.proto.kvrpcpb.RawPutResponse;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.rpc.grpc.GrpcRpcClient;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
import io.arrowraft.rpc.grpc.IoThreads;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.threads.SystemRandom;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.runtime.threads.ThreadLoopFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Raw puts by the protocol, each tried once; what a refusal says of routes is of use to the next
 * put. Puts take turns among connections, as those of so many programs: one connection alone would
 * refuse them before a store had to. Safe for use by any thread once routed.
 */
final class PutRequests implements AutoCloseable {
  private static final RpcMethod<RawPutRequest, RawPutResponse> PUT =
      RpcMethods.of(TikvGrpc.getRawPutMethod());

  /** The sender had too much under way. */
  static final String NOT_SENT = "not sent";

  private static final int REASON_MAX = 200;

  private final Duration deadline;
  private final ThreadLoopFactory loops;
  private final IoThreads ioThreads;
  private final List<GrpcRpcClient> clients;
  private final PutRoutes routes;
  private final AtomicInteger turn = new AtomicInteger();

  /**
   * @param connections to each store, which puts take in turns
   */
  PutRequests(String pdAddress, Duration deadline, int connections) {
    GrpcTransportOptions transport = GrpcTransportOptions.defaults();
    this.deadline = deadline;
    this.loops = new ThreadLoopFactory("load", PutRequests::onFault);
    this.ioThreads = IoThreads.start("load-io", transport);
    this.clients =
        Stream.generate(() -> new GrpcRpcClient(ioThreads, transport)).limit(connections).toList();
    this.routes =
        new PutRoutes(
            new Environment(
                SystemTime.INSTANCE,
                new SystemRandom(),
                loops,
                PutRequests::onFault,
                new SimpleMeterRegistry()),
            clients.get(0),
            pdAddress);
  }

  private static void onFault(String component, Throwable cause) {
    System.err.println("fault in " + component + ": " + cause);
  }

  /** Learns where the regions are led, once there are so many and each has three replicas. */
  void route(int regions) throws InterruptedException {
    routes.learn(regions);
  }

  /** Empty when the put is acknowledged, else the kind of the refusal. */
  CompletableFuture<String> put(byte[] key, byte[] value) {
    PutRoutes.Route route = routes.at(Bytes.wrap(key));
    return clients
        .get(Math.floorMod(turn.getAndIncrement(), clients.size()))
        .call(
            route.address(),
            PUT,
            RawPutRequest.newBuilder()
                .setContext(route.context())
                .setKey(ByteString.copyFrom(key))
                .setValue(ByteString.copyFrom(value))
                .build(),
            deadline)
        .whenComplete((response, failure) -> learn(route, response, failure))
        .thenApply(
            response ->
                response.hasRegionError() ? kind(response.getRegionError()) : response.getError());
  }

  private void learn(PutRoutes.Route route, RawPutResponse response, Throwable failure) {
    if (failure == null) {
      if (response.hasRegionError()) {
        routes.refused(route, response.getRegionError());
      }
    } else if (Async.cause(failure) instanceof RpcException rpc
        && rpc.isUnreached()
        && !rpc.isNotSent()) {
      routes.unreached(route, rpc.getMessage());
    }
  }

  private static String kind(Error error) {
    return error.getAllFields().keySet().stream()
        .map(field -> field.getName())
        .filter(name -> !name.equals("message"))
        .findFirst()
        .orElse("other");
  }

  /** What comes later is of no use. */
  long deadlineNanos() {
    return deadline.toNanos();
  }

  static String kind(Throwable failure) {
    Throwable cause = Async.cause(failure);
    if (cause instanceof RpcException refused && refused.isNotSent()) {
      return NOT_SENT;
    }
    return cause instanceof RpcException rpc
        ? rpc.status().toString().toLowerCase(java.util.Locale.ROOT)
        : cause.getClass().getSimpleName();
  }

  /** What the transport says of a failure, without the numbers in which calls differ. */
  static String reason(Throwable failure) {
    String said = String.valueOf(Async.cause(failure).getMessage()).replaceAll("[0-9]+", "#");
    return said.length() > REASON_MAX ? said.substring(0, REASON_MAX) + "..." : said;
  }

  @Override
  public void close() {
    routes.close();
    loops.close();
    clients.forEach(GrpcRpcClient::close);
    ioThreads.close();
  }
}
