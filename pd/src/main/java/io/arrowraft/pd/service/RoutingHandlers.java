package io.arrowraft.pd.service;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.RegionTree;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.pdpb.BatchScanRegionsRequest;
import io.arrowraft.proto.pdpb.BatchScanRegionsResponse;
import io.arrowraft.proto.pdpb.ErrorType;
import io.arrowraft.proto.pdpb.GetRegionByIDRequest;
import io.arrowraft.proto.pdpb.GetRegionRequest;
import io.arrowraft.proto.pdpb.GetRegionResponse;
import io.arrowraft.proto.pdpb.KeyRange;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.proto.pdpb.Region;
import io.arrowraft.proto.pdpb.ResponseHeader;
import io.arrowraft.proto.pdpb.ScanRegionsRequest;
import io.arrowraft.proto.pdpb.ScanRegionsResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Which region holds a key, and who leads it. A missing region is an answer without one. */
final class RoutingHandlers {
  /** Regions in one answer. */
  private static final int REGIONS_MAX = 50_000;

  private final RegionTree regions;

  RoutingHandlers(RegionTree regions) {
    this.regions = regions;
  }

  void bind(Bindings bindings) {
    bindings.bootstrapped(
        PDGrpc.getGetRegionMethod(),
        GetRegionRequest::getHeader,
        RoutingHandlers::nothing,
        (request, ok, call) ->
            CompletableFuture.completedFuture(answer(ok, regions.find(request.getRegionKey()))));
    bindings.bootstrapped(
        PDGrpc.getGetPrevRegionMethod(),
        GetRegionRequest::getHeader,
        RoutingHandlers::nothing,
        (request, ok, call) ->
            CompletableFuture.completedFuture(
                answer(ok, regions.findPrevious(request.getRegionKey()))));
    bindings.bootstrapped(
        PDGrpc.getGetRegionByIDMethod(),
        GetRegionByIDRequest::getHeader,
        RoutingHandlers::nothing,
        (request, ok, call) ->
            CompletableFuture.completedFuture(answer(ok, regions.find(request.getRegionId()))));
    bindings.bootstrapped(
        PDGrpc.getScanRegionsMethod(),
        ScanRegionsRequest::getHeader,
        header -> ScanRegionsResponse.newBuilder().setHeader(header).build(),
        (request, ok, call) -> CompletableFuture.completedFuture(scan(request, ok)));
    bindings.bootstrapped(
        PDGrpc.getBatchScanRegionsMethod(),
        BatchScanRegionsRequest::getHeader,
        header -> BatchScanRegionsResponse.newBuilder().setHeader(header).build(),
        (request, ok, call) -> CompletableFuture.completedFuture(batchScan(request, ok)));
  }

  private static GetRegionResponse nothing(ResponseHeader header) {
    return GetRegionResponse.newBuilder().setHeader(header).build();
  }

  private static GetRegionResponse answer(ResponseHeader ok, Optional<RegionInfo> found) {
    if (found.isEmpty()) {
      return nothing(ok);
    }
    RegionInfo region = found.get();
    GetRegionResponse.Builder response =
        GetRegionResponse.newBuilder()
            .setHeader(ok)
            .setRegion(region.meta())
            .addAllDownPeers(region.down())
            .addAllPendingPeers(region.pending());
    region.leader().ifPresent(response::setLeader);
    return response.build();
  }

  private static Region wire(RegionInfo region) {
    Region.Builder message =
        Region.newBuilder()
            .setRegion(region.meta())
            .addAllDownPeers(region.down())
            .addAllPendingPeers(region.pending());
    region.leader().ifPresent(message::setLeader);
    return message.build();
  }

  private ScanRegionsResponse scan(ScanRegionsRequest request, ResponseHeader ok) {
    ScanRegionsResponse.Builder response = ScanRegionsResponse.newBuilder().setHeader(ok);
    for (RegionInfo region :
        regions.scan(request.getStartKey(), request.getEndKey(), limit(request.getLimit()))) {
      response
          .addRegions(wire(region))
          .addRegionMetas(region.meta())
          // The lists run in parallel: an unknown leader takes its place as an empty peer.
          .addLeaders(region.leader().orElse(Peer.getDefaultInstance()));
    }
    return response.build();
  }

  private BatchScanRegionsResponse batchScan(BatchScanRegionsRequest request, ResponseHeader ok) {
    BatchScanRegionsResponse.Builder response = BatchScanRegionsResponse.newBuilder();
    int limit = limit(request.getLimit());
    long lastId = 0;
    for (KeyRange range : request.getRangesList()) {
      int room = limit - response.getRegionsCount();
      if (room <= 0) {
        break;
      }
      List<RegionInfo> found = regions.scan(range.getStartKey(), range.getEndKey(), room);
      if (request.getContainAllKeyRange() && !covers(range, found) && found.size() < room) {
        return response
            .clearRegions()
            .setHeader(
                Headers.error(
                    ok.getClusterId(),
                    ErrorType.REGIONS_NOT_CONTAIN_ALL_KEY_RANGE,
                    "the regions known at the moment leave a hole in the key range"))
            .build();
      }
      for (RegionInfo region : found) {
        // Neighbouring ranges may share a region; it is answered once.
        if (region.id() != lastId) {
          response.addRegions(wire(region));
          lastId = region.id();
        }
      }
    }
    return response.setHeader(ok).build();
  }

  private static boolean covers(KeyRange range, List<RegionInfo> found) {
    ByteString covered = range.getStartKey();
    for (RegionInfo region : found) {
      if (!region.contains(covered)) {
        return false;
      }
      covered = region.endKey();
      if (covered.isEmpty()) {
        return true;
      }
    }
    return !range.getEndKey().isEmpty()
        && !found.isEmpty()
        && ByteString.unsignedLexicographicalComparator().compare(covered, range.getEndKey()) >= 0;
  }

  private static int limit(int asked) {
    return asked <= 0 ? REGIONS_MAX : Math.min(asked, REGIONS_MAX);
  }
}
