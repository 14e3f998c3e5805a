package io.arrowraft.pd.service;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.RegionTree;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.pd.RangeStatisticsRequest;
import io.arrowraft.proto.pd.RangeStatisticsResponse;
import io.arrowraft.proto.pd.StatisticsGrpc;
import io.arrowraft.proto.pd.StoreLoad;
import io.arrowraft.proto.pdpb.ResponseHeader;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** How much data a key range holds, and where. */
final class StatisticsHandlers {
  private final RegionTree regions;

  StatisticsHandlers(RegionTree regions) {
    this.regions = regions;
  }

  void bind(Bindings bindings) {
    bindings.bootstrapped(
        StatisticsGrpc.getRangeStatisticsMethod(),
        RangeStatisticsRequest::getHeader,
        header -> RangeStatisticsResponse.newBuilder().setHeader(header).build(),
        (request, ok, call) -> CompletableFuture.completedFuture(sum(request, ok)));
  }

  private RangeStatisticsResponse sum(RangeStatisticsRequest request, ResponseHeader ok) {
    long count = 0;
    long bytes = 0;
    long keys = 0;
    TreeMap<Long, StoreLoad.Builder> stores = new TreeMap<>();
    for (RegionInfo region :
        regions.scan(request.getStartKey(), request.getEndKey(), Integer.MAX_VALUE)) {
      count++;
      bytes += region.approximateBytes();
      keys += region.approximateKeys();
      for (Peer peer : region.peers()) {
        StoreLoad.Builder load =
            stores.computeIfAbsent(peer.getStoreId(), id -> StoreLoad.newBuilder().setStoreId(id));
        load.setPeers(load.getPeers() + 1);
        if (peer.getStoreId() == region.leaderStore()) {
          load.setLeaders(load.getLeaders() + 1);
        }
      }
    }
    RangeStatisticsResponse.Builder response =
        RangeStatisticsResponse.newBuilder()
            .setHeader(ok)
            .setRegions(count)
            .setApproximateBytes(bytes)
            .setApproximateKeys(keys);
    stores.values().forEach(response::addStores);
    return response.build();
  }
}
