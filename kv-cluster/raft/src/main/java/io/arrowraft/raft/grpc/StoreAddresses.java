package io.arrowraft.raft.grpc;

import java.util.concurrent.CompletionStage;

/** Finds where a store listens for Raft messages. Called from any thread; must not block. */
@FunctionalInterface
public interface StoreAddresses {
  /** {@code host:port}; fails if the store is unknown. */
  CompletionStage<String> addressOf(long storeId);
}
