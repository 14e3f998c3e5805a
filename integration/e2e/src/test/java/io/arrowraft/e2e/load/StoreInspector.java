package io.arrowraft.e2e.load;

import com.google.protobuf.TextFormat;
import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.pd.client.StoreInfo;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.store.ListRegionsRequest;
import io.arrowraft.proto.store.ListRegionsResponse;
import io.arrowraft.proto.store.RegionHashRequest;
import io.arrowraft.proto.store.RegionHashResponse;
import io.arrowraft.proto.store.RegionReplica;
import io.arrowraft.proto.store.StoreAdminGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.rpc.grpc.GrpcRpcClient;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcMethod;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks each store of a cluster about its replicas, by the RPCs that operators have for it. */
public final class StoreInspector implements AutoCloseable {
  private static final Duration ANSWER_BOUND = Duration.ofSeconds(20);
  private static final int REGIONS_MAX = 10_000;
  private static final RpcMethod<ListRegionsRequest, ListRegionsResponse> LIST =
      RpcMethods.of(StoreAdminGrpc.getListRegionsMethod());
  private static final RpcMethod<RegionHashRequest, RegionHashResponse> HASH =
      RpcMethods.of(StoreAdminGrpc.getRegionHashMethod());

  private final ArrowraftClient client;
  private final GrpcRpcClient rpc = new GrpcRpcClient("inspector", GrpcTransportOptions.defaults());

  /**
   * @param client knows the cluster; stays its owner's
   */
  public StoreInspector(ArrowraftClient client) {
    this.client = client;
  }

  /** Every region, in key order. */
  public List<RegionInfo> regions() {
    return client.await(client.placement().scanRegions(Bytes.EMPTY, Bytes.EMPTY, REGIONS_MAX));
  }

  /** Says which region does not have {@code replicas} of them, if any. */
  public Optional<String> regionWithoutReplicas(int replicas) {
    List<RegionInfo> regions = regions();
    if (regions.isEmpty()) {
      return Optional.of("the placement driver knows of no region");
    }
    return regions.stream()
        .filter(region -> region.peers().size() != replicas || region.leader().isEmpty())
        .map(region -> "region " + text(region))
        .findFirst();
  }

  /** The highest index that a replica of each region has applied, on the stores given. */
  public Map<Long, Long> newestApplied(List<String> addresses) {
    Map<Long, Long> newest = new TreeMap<>();
    for (String address : addresses) {
      for (RegionReplica replica : replicas(address)) {
        newest.merge(replica.getRegion().getId(), replica.getAppliedIndex(), Math::max);
      }
    }
    return newest;
  }

  /** Says what the store at {@code address} has not applied yet of {@code goal}, if anything. */
  public Optional<String> lagOf(String address, Map<Long, Long> goal) {
    Map<Long, Long> applied = new TreeMap<>();
    for (RegionReplica replica : replicas(address)) {
      applied.put(replica.getRegion().getId(), replica.getAppliedIndex());
    }
    return goal.entrySet().stream()
        .filter(region -> applied.getOrDefault(region.getKey(), 0L) < region.getValue())
        .map(
            region ->
                "store %s has applied %s of region %d, which is at %d"
                    .formatted(
                        address, applied.get(region.getKey()), region.getKey(), region.getValue()))
        .findFirst();
  }

  /** Says how the replicas of some region differ, if any do. Complains while writes go on. */
  public Optional<String> differingReplicas() {
    Map<Long, String> addresses = new TreeMap<>();
    for (StoreInfo store : client.await(client.placement().stores())) {
      addresses.put(store.id(), store.address());
    }
    for (RegionInfo region : regions()) {
      Optional<String> difference = difference(region, addresses);
      if (difference.isPresent()) {
        return difference;
      }
    }
    return Optional.empty();
  }

  private Optional<String> difference(RegionInfo region, Map<Long, String> addresses) {
    RegionHashResponse first = null;
    for (Peer peer : region.peers()) {
      RegionHashResponse hash =
          ask(
              addresses.get(peer.getStoreId()),
              HASH,
              RegionHashRequest.newBuilder().setRegionId(region.id()).build());
      if (!hash.getError().isEmpty()) {
        return Optional.of(
            "store %d about region %d: %s"
                .formatted(peer.getStoreId(), region.id(), hash.getError()));
      }
      if (first == null) {
        first = hash;
      } else if (!first.equals(hash)) {
        return Optional.of(
            "replicas of region %d differ: %s and, on store %d, %s"
                .formatted(region.id(), text(first), peer.getStoreId(), text(hash)));
      }
    }
    return Optional.empty();
  }

  /** Keys of all regions together, each counted on one replica. */
  public long keys() {
    long keys = 0;
    Map<Long, String> addresses = new TreeMap<>();
    client
        .await(client.placement().stores())
        .forEach(store -> addresses.put(store.id(), store.address()));
    for (RegionInfo region : regions()) {
      keys +=
          ask(
                  addresses.get(region.leaderOrFirst().orElseThrow().getStoreId()),
                  HASH,
                  RegionHashRequest.newBuilder().setRegionId(region.id()).build())
              .getKeys();
    }
    return keys;
  }

  private List<RegionReplica> replicas(String address) {
    return ask(address, LIST, ListRegionsRequest.getDefaultInstance()).getReplicasList();
  }

  private <Q, R> R ask(String address, RpcMethod<Q, R> method, Q request) {
    try {
      return rpc.call(address, method, request, ANSWER_BOUND)
          .get(2 * ANSWER_BOUND.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException failure) {
      throw new IllegalStateException(method + " at " + address, failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  private static String text(RegionInfo region) {
    return TextFormat.printer().emittingSingleLine(true).printToString(region.meta())
        + region.leader().map(leader -> " led by peer " + leader.getId()).orElse(" has no leader");
  }

  private static String text(RegionHashResponse hash) {
    return TextFormat.printer().emittingSingleLine(true).printToString(hash);
  }

  @Override
  public void close() {
    rpc.close();
  }
}
