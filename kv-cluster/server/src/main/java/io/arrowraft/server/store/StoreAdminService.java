package io.arrowraft.server.store;

import io.arrowraft.proto.store.ListRegionsRequest;
import io.arrowraft.proto.store.ListRegionsResponse;
import io.arrowraft.proto.store.RegionHashRequest;
import io.arrowraft.proto.store.RegionHashResponse;
import io.arrowraft.proto.store.RegionReplica;
import io.arrowraft.proto.store.StoreAdminGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionHash;
import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.region.RegionView;
import java.util.concurrent.CompletableFuture;

/** What operators and tests ask a store about its replicas. */
final class StoreAdminService {
  private static final RpcMethod<RegionHashRequest, RegionHashResponse> REGION_HASH =
      RpcMethods.of(StoreAdminGrpc.getRegionHashMethod());
  private static final RpcMethod<ListRegionsRequest, ListRegionsResponse> LIST_REGIONS =
      RpcMethods.of(StoreAdminGrpc.getListRegionsMethod());

  private StoreAdminService() {}

  static RpcService of(RegionStore regions) {
    return RpcService.named(REGION_HASH.service())
        .unary(REGION_HASH, (request, call) -> hash(regions, request.getRegionId()))
        .unary(LIST_REGIONS, (request, call) -> CompletableFuture.completedFuture(list(regions)))
        .build();
  }

  private static CompletableFuture<RegionHashResponse> hash(RegionStore regions, long regionId) {
    CompletableFuture<RegionHashResponse> answer = new CompletableFuture<>();
    regions
        .regionHash(regionId)
        .whenComplete(
            (hash, failure) -> {
              if (failure == null) {
                answer.complete(found(hash));
              } else if (Async.cause(failure) instanceof RegionErrorException absent) {
                answer.complete(
                    RegionHashResponse.newBuilder().setError(absent.getMessage()).build());
              } else {
                answer.completeExceptionally(Async.cause(failure));
              }
            });
    return answer;
  }

  private static RegionHashResponse found(RegionHash hash) {
    return RegionHashResponse.newBuilder()
        .setRegion(hash.region())
        .setAppliedIndex(hash.appliedIndex())
        .setHash(hash.hash())
        .setKeys(hash.keys())
        .build();
  }

  private static ListRegionsResponse list(RegionStore regions) {
    ListRegionsResponse.Builder response = ListRegionsResponse.newBuilder();
    for (RegionView view : regions.regions()) {
      RegionReplica.Builder replica =
          RegionReplica.newBuilder()
              .setRegion(view.region())
              .setPeer(view.peer())
              .setTerm(view.term())
              .setAppliedIndex(view.appliedIndex())
              .setApproximateBytes(view.approximateBytes())
              .setApproximateKeys(view.approximateKeys());
      view.leader().ifPresent(replica::setLeader);
      response.addReplicas(replica);
    }
    return response.build();
  }
}
