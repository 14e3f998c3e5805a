package io.arrowraft.simulation.cluster;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.store.RegionHashRequest;
import io.arrowraft.proto.store.RegionHashResponse;
import io.arrowraft.proto.store.StoreAdminGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.simulation.check.Violation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * What an operator would ask of a cluster at rest: do the regions cover all keys once, has each its
 * replicas, do the replicas hold the same?
 */
public final class ClusterAudit {
  private static final RpcMethod<RegionHashRequest, RegionHashResponse> REGION_HASH =
      RpcMethods.of(StoreAdminGrpc.getRegionHashMethod());
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final int REGIONS_MAX = 1_000;

  private final PdClient placement;
  private final RpcClient rpc;
  private final int replicas;
  private final List<Violation> violations = new ArrayList<>();
  private int regionsSeen;

  ClusterAudit(PdClient placement, RpcClient rpc, int replicas) {
    this.placement = placement;
    this.rpc = rpc;
    this.replicas = replicas;
  }

  /** Replicas that differ although they have applied the same: nothing mends that. */
  public List<Violation> violations() {
    return List.copyOf(violations);
  }

  /** How many regions the last look found. */
  public int regions() {
    return regionsSeen;
  }

  /**
   * Looks once.
   *
   * @return fails with what is not in order yet
   */
  public CompletableFuture<Void> look() {
    return placement
        .stores()
        .thenCompose(
            stores -> {
              Map<Long, String> addresses = new TreeMap<>();
              stores.forEach(store -> addresses.put(store.id(), store.address()));
              return placement
                  .scanRegions(Bytes.EMPTY, Bytes.EMPTY, REGIONS_MAX)
                  .thenCompose(regions -> look(regions, addresses));
            });
  }

  private CompletableFuture<Void> look(List<RegionInfo> regions, Map<Long, String> addresses) {
    regionsSeen = regions.size();
    String gap = gapIn(regions);
    if (!gap.isEmpty()) {
      return unsettled(gap);
    }
    CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
    for (RegionInfo region : regions) {
      all = all.thenCompose(before -> lookAt(region, addresses));
    }
    return all;
  }

  private static String gapIn(List<RegionInfo> regions) {
    Bytes next = Bytes.EMPTY;
    for (int i = 0; i < regions.size(); i++) {
      RegionInfo region = regions.get(i);
      boolean isLast = i == regions.size() - 1;
      if (!region.startKey().equals(next) || region.endKey().isEmpty() != isLast) {
        return "routing has a gap or an overlap at region " + region.id();
      }
      next = region.endKey();
    }
    return regions.isEmpty() ? "there are no regions" : "";
  }

  private CompletableFuture<Void> lookAt(RegionInfo region, Map<Long, String> addresses) {
    if (region.peers().size() != replicas) {
      return unsettled("region " + region.id() + " has peers " + region.peers());
    }
    CompletableFuture<List<RegionHashResponse>> answers =
        CompletableFuture.completedFuture(new ArrayList<>());
    for (Peer peer : region.peers()) {
      RegionHashRequest request = RegionHashRequest.newBuilder().setRegionId(region.id()).build();
      answers =
          answers.thenCompose(
              list ->
                  rpc.call(addresses.get(peer.getStoreId()), REGION_HASH, request, TIMEOUT)
                      .thenApply(
                          answer -> {
                            list.add(answer);
                            return list;
                          }));
    }
    return answers.thenCompose(list -> compare(region, list));
  }

  private CompletableFuture<Void> compare(RegionInfo region, List<RegionHashResponse> answers) {
    RegionHashResponse first = answers.get(0);
    for (RegionHashResponse answer : answers) {
      if (!answer.getError().isEmpty()) {
        return unsettled("region " + region.id() + ": " + answer.getError());
      }
      if (answer.getAppliedIndex() != first.getAppliedIndex()) {
        return unsettled("replicas of region " + region.id() + " have not applied the same");
      }
      if (answer.getHash() != first.getHash()
          || answer.getKeys() != first.getKeys()
          || !answer.getRegion().equals(first.getRegion())) {
        violations.add(
            new Violation(
                "replicas",
                "replicas of region %d differ at applied index %d: %s"
                    .formatted(region.id(), first.getAppliedIndex(), answers)));
      }
    }
    return CompletableFuture.completedFuture(null);
  }

  private static CompletableFuture<Void> unsettled(String what) {
    return CompletableFuture.failedFuture(new IllegalStateException(what));
  }
}
