package io.arrowraft.server.store;

import io.arrowraft.proto.store.CheckConsistencyRequest;
import io.arrowraft.proto.store.HasMergedRequest;
import io.arrowraft.proto.store.HasMergedResponse;
import io.arrowraft.proto.store.RegionHashAtRequest;
import io.arrowraft.proto.store.RegionHashAtResponse;
import io.arrowraft.raft.grpc.StoreAddresses;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.server.peer.OtherReplicas;
import io.arrowraft.server.peer.ReplicaHash;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Asks the admin service of other stores. */
final class RemoteReplicas implements OtherReplicas {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final Duration CHECK_TIMEOUT = Duration.ofSeconds(60);

  private final RpcClient client;
  private final StoreAddresses addresses;

  RemoteReplicas(RpcClient client, StoreAddresses addresses) {
    this.client = client;
    this.addresses = addresses;
  }

  @Override
  public CompletionStage<ReplicaHash> hashAt(long storeId, long regionId, long index) {
    RegionHashAtRequest request =
        RegionHashAtRequest.newBuilder().setRegionId(regionId).setIndex(index).build();
    return addresses
        .addressOf(storeId)
        .thenCompose(
            address -> client.call(address, StoreAdminService.REGION_HASH_AT, request, TIMEOUT))
        .thenApply(RemoteReplicas::hash);
  }

  @Override
  public CompletionStage<Boolean> hasMerged(long storeId, long regionId) {
    HasMergedRequest request = HasMergedRequest.newBuilder().setRegionId(regionId).build();
    return addresses
        .addressOf(storeId)
        .thenCompose(
            address -> client.call(address, StoreAdminService.HAS_MERGED, request, TIMEOUT))
        .thenApply(HasMergedResponse::getMerged);
  }

  @Override
  public CompletionStage<Void> requestCheck(long storeId, long regionId) {
    CheckConsistencyRequest request =
        CheckConsistencyRequest.newBuilder().setRegionId(regionId).build();
    return addresses
        .addressOf(storeId)
        .thenCompose(
            address ->
                client.call(address, StoreAdminService.CHECK_CONSISTENCY, request, CHECK_TIMEOUT))
        .thenApply(answer -> null);
  }

  private static ReplicaHash hash(RegionHashAtResponse answer) {
    return new ReplicaHash(
        switch (answer.getState()) {
          case HASH_KNOWN -> ReplicaHash.State.KNOWN;
          case HASH_PENDING -> ReplicaHash.State.PENDING;
          case HASH_DAMAGED -> ReplicaHash.State.DAMAGED;
          case HASH_UNKNOWN, UNRECOGNIZED -> ReplicaHash.State.UNKNOWN;
        },
        answer.getHash());
  }
}
