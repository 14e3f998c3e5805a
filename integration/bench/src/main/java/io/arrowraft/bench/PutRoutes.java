package io.arrowraft.bench;

import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.region.Region;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.PdClientConfig;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.pd.client.RpcPdClient;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcClient;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Where puts go. The client's own region cache learns from what stores answer, and what it knows is
 * published to senders, who only read. A put that was refused is not sent again: the next one knows
 * better. Safe for use by any thread.
 */
final class PutRoutes implements AutoCloseable {
  private static final Duration BOUND = Duration.ofSeconds(60);

  private final PdClient pd;
  private final RegionCalls calls;

  /** Regions that are being looked at: one question at a time, however many puts are refused. */
  private final Set<Long> refreshing = ConcurrentHashMap.newKeySet();

  /** All of them by start key, never changed once published. */
  private volatile TreeMap<Bytes, Route> routes = new TreeMap<>();

  private volatile boolean closed;

  /** A region and the store that leads it. */
  record Route(Region region, Context context, String address) {
    static Route of(Region region, String address) {
      Context context =
          Context.newBuilder()
              .setRegionId(region.id())
              .setRegionEpoch(region.epoch())
              .setPeer(region.leader())
              .build();
      return new Route(region, context, address);
    }
  }

  PutRoutes(Environment environment, RpcClient rpc, String pdAddress) {
    EventLoop loop = environment.loops().newLoop("routes");
    this.pd = new RpcPdClient(PdClientConfig.defaults(List.of(pdAddress)), rpc, environment, loop);
    this.calls = new RegionCalls(environment, loop, rpc, pd, ClientOptions.of(pdAddress));
  }

  /** Learns where the regions are led, once there are so many and each has three replicas. */
  void learn(int regions) throws InterruptedException {
    long end = System.nanoTime() + BOUND.toNanos();
    while (System.nanoTime() < end) {
      List<RegionInfo> found = await(pd.scanRegions(Bytes.EMPTY, Bytes.EMPTY, 1_000));
      boolean settled =
          found.size() >= regions
              && found.stream()
                  .allMatch(region -> region.leader().isPresent() && region.peers().size() == 3);
      if (settled) {
        await(calls.background(backoff -> look(Bytes.EMPTY, backoff, new TreeMap<>())));
        return;
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException("the regions have not settled within " + BOUND);
  }

  private static <T> T await(CompletableFuture<T> future) {
    return future.orTimeout(BOUND.toSeconds(), TimeUnit.SECONDS).join();
  }

  Route at(Bytes key) {
    return routes.floorEntry(key).getValue();
  }

  /** A store refused what was sent by {@code route}. */
  void refused(Route route, Error error) {
    if (!error.hasServerIsBusy()) {
      refresh(route, backoff -> calls.afterRegionError(route.region(), error, backoff));
    }
  }

  /** No store was there. */
  void unreached(Route route, String reason) {
    refresh(route, backoff -> calls.afterLostStore(route.region(), reason, backoff));
  }

  private void refresh(Route route, Function<Backoff, CompletableFuture<Void>> lesson) {
    Region region = route.region();
    Region now = at(region.startKey()).region();
    boolean isCurrent =
        now.isSameVersion(region) && now.leader().getId() == region.leader().getId();
    if (!isCurrent || !refreshing.add(region.id())) {
      return;
    }
    calls
        .background(
            backoff ->
                lesson
                    .apply(backoff)
                    .thenCompose(learned -> look(Bytes.EMPTY, backoff, new TreeMap<>())))
        .whenComplete(
            (found, failure) -> {
              if (failure != null && !closed) {
                System.err.println("no new routes: " + Async.cause(failure).getMessage());
              }
              refreshing.remove(region.id());
            });
  }

  /** All routes, from {@code start} on; what is not remembered is asked for. On the loop. */
  private CompletableFuture<Void> look(Bytes start, Backoff backoff, TreeMap<Bytes, Route> found) {
    return calls
        .locate(start, backoff)
        .thenCompose(
            region ->
                calls
                    .storeAddress(region.leader().getStoreId(), backoff)
                    .thenCompose(
                        address -> {
                          found.put(start, Route.of(region, address.orElseThrow()));
                          if (region.endKey().isEmpty()) {
                            routes = found;
                            return CompletableFuture.completedFuture(null);
                          }
                          return look(region.endKey(), backoff, found);
                        }));
  }

  @Override
  public void close() {
    closed = true;
    calls.close();
    pd.close();
  }
}
