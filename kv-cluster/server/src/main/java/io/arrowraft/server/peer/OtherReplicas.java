package io.arrowraft.server.peer;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What replicas of a region ask each other's stores. Safe for use by any thread. */
public interface OtherReplicas {
  /**
   * @param index of the entry that asked for hashes
   */
  CompletionStage<ReplicaHash> hashAt(long storeId, long regionId, long index);

  /**
   * Whether a store knows that a region has become part of another one. If not, it proves nothing.
   */
  CompletionStage<Boolean> hasMerged(long storeId, long regionId);

  /** Has the leader on that store compare its region's replicas now. */
  CompletionStage<Void> requestCheck(long storeId, long regionId);

  /** Of a store that knows of no other. */
  static OtherReplicas nobody() {
    return new OtherReplicas() {
      @Override
      public CompletionStage<ReplicaHash> hashAt(long storeId, long regionId, long index) {
        return CompletableFuture.completedFuture(ReplicaHash.of(ReplicaHash.State.UNKNOWN));
      }

      @Override
      public CompletionStage<Boolean> hasMerged(long storeId, long regionId) {
        return CompletableFuture.completedFuture(false);
      }

      @Override
      public CompletionStage<Void> requestCheck(long storeId, long regionId) {
        return CompletableFuture.completedFuture(null);
      }
    };
  }
}
