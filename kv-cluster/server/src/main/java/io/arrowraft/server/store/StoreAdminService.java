package io.arrowraft.server.store;

import io.arrowraft.proto.store.CheckConsistencyRequest;
import io.arrowraft.proto.store.CheckConsistencyResponse;
import io.arrowraft.proto.store.HasMergedRequest;
import io.arrowraft.proto.store.HasMergedResponse;
import io.arrowraft.proto.store.HashState;
import io.arrowraft.proto.store.ListRegionsRequest;
import io.arrowraft.proto.store.ListRegionsResponse;
import io.arrowraft.proto.store.MergeRegionRequest;
import io.arrowraft.proto.store.MergeRegionResponse;
import io.arrowraft.proto.store.RegionHashAtRequest;
import io.arrowraft.proto.store.RegionHashAtResponse;
import io.arrowraft.proto.store.RegionHashRequest;
import io.arrowraft.proto.store.RegionHashResponse;
import io.arrowraft.proto.store.RegionReplica;
import io.arrowraft.proto.store.ReplicaDigest;
import io.arrowraft.proto.store.StoreAdminGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.server.peer.ConsistencyReport;
import io.arrowraft.server.peer.ReplicaHash;
import io.arrowraft.server.peer.StoreRegions;
import io.arrowraft.server.region.OutcomeUnknownException;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionHash;
import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.region.RegionView;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What operators and tests ask a store about its replicas. */
final class StoreAdminService {
  private static final RpcMethod<RegionHashRequest, RegionHashResponse> REGION_HASH =
      RpcMethods.of(StoreAdminGrpc.getRegionHashMethod());
  private static final RpcMethod<ListRegionsRequest, ListRegionsResponse> LIST_REGIONS =
      RpcMethods.of(StoreAdminGrpc.getListRegionsMethod());

  static final RpcMethod<RegionHashAtRequest, RegionHashAtResponse> REGION_HASH_AT =
      RpcMethods.of(StoreAdminGrpc.getRegionHashAtMethod());
  static final RpcMethod<CheckConsistencyRequest, CheckConsistencyResponse> CHECK_CONSISTENCY =
      RpcMethods.of(StoreAdminGrpc.getCheckConsistencyMethod());

  static final RpcMethod<HasMergedRequest, HasMergedResponse> HAS_MERGED =
      RpcMethods.of(StoreAdminGrpc.getHasMergedMethod());

  private static final RpcMethod<MergeRegionRequest, MergeRegionResponse> MERGE_REGION =
      RpcMethods.of(StoreAdminGrpc.getMergeRegionMethod());

  private StoreAdminService() {}

  static RpcService of(StoreRegions store) {
    RegionStore regions = store.regions();
    return RpcService.named(REGION_HASH.service())
        .unary(
            REGION_HASH_AT,
            (request, call) ->
                CompletableFuture.completedFuture(
                    hashAt(store.hashAt(request.getRegionId(), request.getIndex()))))
        .unary(
            CHECK_CONSISTENCY,
            (request, call) -> compared(store.checkConsistency(request.getRegionId())))
        .unary(
            HAS_MERGED,
            (request, call) ->
                store
                    .hasMerged(request.getRegionId())
                    .thenApply(merged -> HasMergedResponse.newBuilder().setMerged(merged).build()))
        .unary(MERGE_REGION, (request, call) -> merge(store, request))
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

  private static CompletableFuture<MergeRegionResponse> merge(
      StoreRegions store, MergeRegionRequest request) {
    return store
        .merge(request.getRegionId(), request.getTarget())
        .thenApply(
            problem -> MergeRegionResponse.newBuilder().setError(problem.orElse("")).build());
  }

  private static RegionHashAtResponse hashAt(ReplicaHash hash) {
    return RegionHashAtResponse.newBuilder().setState(stateOf(hash)).setHash(hash.hash()).build();
  }

  private static HashState stateOf(ReplicaHash hash) {
    return switch (hash.state()) {
      case KNOWN -> HashState.HASH_KNOWN;
      case PENDING -> HashState.HASH_PENDING;
      case DAMAGED -> HashState.HASH_DAMAGED;
      case UNKNOWN -> HashState.HASH_UNKNOWN;
    };
  }

  /** Replicas are compared at an entry of the log, and that may be lost with a leadership. */
  static CompletableFuture<CheckConsistencyResponse> compared(
      CompletionStage<ConsistencyReport> comparison) {
    CompletableFuture<CheckConsistencyResponse> answer = new CompletableFuture<>();
    comparison.whenComplete(
        (report, failure) -> {
          if (failure == null) {
            answer.complete(describe(report));
          } else if (Async.cause(failure) instanceof RegionErrorException refused) {
            answer.complete(
                CheckConsistencyResponse.newBuilder()
                    .setError(refused.getMessage())
                    .setLeader(refused.error().getNotLeader().getLeader())
                    .build());
          } else if (Async.cause(failure) instanceof OutcomeUnknownException lost) {
            answer.complete(
                CheckConsistencyResponse.newBuilder()
                    .setError(
                        "the comparison did not begin in time, ask again: " + lost.getMessage())
                    .build());
          } else {
            answer.completeExceptionally(Async.cause(failure));
          }
        });
    return answer;
  }

  private static CheckConsistencyResponse describe(ConsistencyReport report) {
    CheckConsistencyResponse.Builder response =
        CheckConsistencyResponse.newBuilder()
            .setIndex(report.index())
            .setVerdict(report.verdict().name().toLowerCase(Locale.ROOT));
    report
        .hashes()
        .forEach(
            (peer, hash) ->
                response.addReplicas(
                    ReplicaDigest.newBuilder()
                        .setPeer(peer)
                        .setState(stateOf(hash))
                        .setHash(hash.hash())));
    return response.build();
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
