package io.arrowraft.bench;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.PdClientConfig;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.pd.client.RpcPdClient;
import io.arrowraft.pd.client.StoreInfo;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.kvrpcpb.RawPutRequest;
import io.arrowraft.proto.kvrpcpb.RawPutResponse;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.rpc.grpc.GrpcRpcClient;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Raw puts by the protocol, each tried once. Safe for use by any thread once routed. */
final class PutRequests implements AutoCloseable {
  private static final RpcMethod<RawPutRequest, RawPutResponse> PUT =
      RpcMethods.of(TikvGrpc.getRawPutMethod());

  /** The sender had too much under way. */
  static final String NOT_SENT = "not sent";

  private static final int REASON_MAX = 200;
  private static final Duration ROUTING_BOUND = Duration.ofSeconds(60);

  private final Duration deadline;
  private final ThreadLoopFactory loops;
  private final GrpcRpcClient client = new GrpcRpcClient("load", GrpcTransportOptions.defaults());
  private final PdClient pd;
  private final Map<Long, String> addresses = new ConcurrentHashMap<>();
  private volatile TreeMap<Bytes, Route> routes = new TreeMap<>();

  private record Route(Context context, String address) {}

  PutRequests(String pdAddress, Duration deadline) {
    this.deadline = deadline;
    this.loops = new ThreadLoopFactory("load", (component, cause) -> cause.printStackTrace());
    this.pd =
        new RpcPdClient(
            PdClientConfig.defaults(List.of(pdAddress)),
            client,
            new Environment(
                SystemTime.INSTANCE,
                new SystemRandom(),
                loops,
                (component, cause) -> cause.printStackTrace(),
                new SimpleMeterRegistry()),
            loops.newLoop("pd-client"));
  }

  /** Learns where the regions are led, once there are so many and each has three replicas. */
  void route(int regions) throws InterruptedException {
    long end = System.nanoTime() + ROUTING_BOUND.toNanos();
    while (System.nanoTime() < end) {
      List<RegionInfo> found = await(pd.scanRegions(Bytes.EMPTY, Bytes.EMPTY, 1_000));
      boolean settled =
          found.size() >= regions
              && found.stream()
                  .allMatch(region -> region.leader().isPresent() && region.peers().size() == 3);
      if (settled) {
        take(found);
        return;
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException("the regions have not settled within " + ROUTING_BOUND);
  }

  private void take(List<RegionInfo> found) {
    for (StoreInfo store : await(pd.stores())) {
      addresses.put(store.id(), store.address());
    }
    TreeMap<Bytes, Route> learned = new TreeMap<>(Comparator.naturalOrder());
    for (RegionInfo region : found) {
      Peer leader = region.leader().orElseThrow();
      learned.put(
          region.startKey(),
          new Route(
              Context.newBuilder()
                  .setRegionId(region.id())
                  .setRegionEpoch(region.meta().getRegionEpoch())
                  .setPeer(leader)
                  .build(),
              addresses.get(leader.getStoreId())));
    }
    routes = learned;
  }

  private static <T> T await(CompletableFuture<T> future) {
    return future.orTimeout(ROUTING_BOUND.toSeconds(), TimeUnit.SECONDS).join();
  }

  /** Empty when the put is acknowledged, else the kind of the refusal. */
  CompletableFuture<String> put(byte[] key, byte[] value) {
    Map.Entry<Bytes, Route> entry = routes.floorEntry(Bytes.wrap(key));
    Route route = entry.getValue();
    return client
        .call(
            route.address(),
            PUT,
            RawPutRequest.newBuilder()
                .setContext(route.context())
                .setKey(ByteString.copyFrom(key))
                .setValue(ByteString.copyFrom(value))
                .build(),
            deadline)
        .thenApply(
            response ->
                response.hasRegionError()
                    ? refused(entry.getKey(), route, response.getRegionError())
                    : response.getError());
  }

  private String refused(Bytes start, Route route, Error error) {
    if (error.hasNotLeader() && error.getNotLeader().hasLeader()) {
      follow(start, route, error.getNotLeader().getLeader());
    }
    return error.getAllFields().keySet().stream()
        .map(field -> field.getName())
        .filter(name -> !name.equals("message"))
        .findFirst()
        .orElse("other");
  }

  private synchronized void follow(Bytes start, Route route, Peer leader) {
    TreeMap<Bytes, Route> changed = new TreeMap<>(routes);
    changed.put(
        start,
        new Route(
            route.context().toBuilder().setPeer(leader).build(),
            addresses.get(leader.getStoreId())));
    routes = changed;
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
    pd.close();
    client.close();
    loops.close();
  }
}
