package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.store.MergeRegionRequest;
import io.arrowraft.proto.store.MergeRegionResponse;
import io.arrowraft.proto.store.StoreAdminGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.simulation.check.Violation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Makes regions parts of their neighbours, while others split and move them. Most orders come to
 * nothing, since replicas lag, are elsewhere, or the regions have changed: that is no failure.
 */
public final class MergeWorkload implements Workload {
  private static final RpcMethod<MergeRegionRequest, MergeRegionResponse> MERGE_REGION =
      RpcMethods.of(StoreAdminGrpc.getMergeRegionMethod());
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final int REGIONS_MAX = 1_000;

  private final Supplier<RpcClient> rpc;

  /**
   * @param rpc the way to the stores, of a machine that may have restarted
   */
  public MergeWorkload(Supplier<RpcClient> rpc) {
    this.rpc = rpc;
  }

  @Override
  public String name() {
    return "merge";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    return client
        .placement()
        .scanRegions(Bytes.EMPTY, Bytes.EMPTY, REGIONS_MAX)
        .thenCompose(
            regions -> {
              if (regions.size() < 2) {
                return CompletableFuture.completedFuture(null);
              }
              int left = random.nextInt(regions.size() - 1);
              boolean leftward = random.nextBoolean();
              RegionInfo source = regions.get(leftward ? left + 1 : left);
              RegionInfo target = regions.get(leftward ? left : left + 1);
              return order(client, source, target);
            });
  }

  private CompletableFuture<Void> order(
      ArrowraftClient client, RegionInfo source, RegionInfo target) {
    Optional<Peer> leader = source.leader();
    if (leader.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    MergeRegionRequest request =
        MergeRegionRequest.newBuilder().setRegionId(source.id()).setTarget(target.meta()).build();
    return client
        .placement()
        .store(leader.get().getStoreId())
        .thenAccept(
            store ->
                store.ifPresent(
                    found ->
                        // Nobody waits: the machine that asks may be down before the answer comes.
                        rpc.get().call(found.address(), MERGE_REGION, request, TIMEOUT)));
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    return CompletableFuture.completedFuture(null);
  }

  /** A merge shows in what the other workloads see. */
  @Override
  public List<Violation> check() {
    return List.of();
  }
}
