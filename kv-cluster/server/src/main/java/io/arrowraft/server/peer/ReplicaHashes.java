package io.arrowraft.server.peer;

import java.util.concurrent.CompletionStage;

/** Asks other stores for the hashes of their replicas. Safe for use by any thread. */
@FunctionalInterface
public interface ReplicaHashes {
  /**
   * @param index of the entry that asked for hashes
   */
  CompletionStage<ReplicaHash> hashAt(long storeId, long regionId, long index);
}
