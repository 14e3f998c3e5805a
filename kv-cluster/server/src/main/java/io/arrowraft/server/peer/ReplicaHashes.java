package io.arrowraft.server.peer;

import java.util.concurrent.CompletionStage;

/** What replicas of a region ask each other's stores. Safe for use by any thread. */
public interface ReplicaHashes {
  /**
   * @param index of the entry that asked for hashes
   */
  CompletionStage<ReplicaHash> hashAt(long storeId, long regionId, long index);

  /** Has the leader on that store compare its region's replicas now. */
  CompletionStage<Void> requestCheck(long storeId, long regionId);
}
