package io.arrowraft.client.bulk;

import io.arrowraft.client.keyvalue.KeyValue;
import java.util.concurrent.CompletableFuture;

/**
 * Where an import's pairs come from. Asked by one thread at a time, on a thread that may work for a
 * while but must not wait.
 */
public interface PairSource extends AutoCloseable {
  /** Completes when {@link #next} can be called; it is asked for before each slice. */
  default CompletableFuture<Void> prepare() {
    return CompletableFuture.completedFuture(null);
  }

  /** Whether {@link #next} can go on, or must be prepared for again first. */
  default boolean isPrepared() {
    return true;
  }

  /** The next pair; null at the end. */
  KeyValue next();

  /** Whether a pair is to be counted: not one that only goes with another. */
  default boolean counts(KeyValue pair) {
    return true;
  }

  /** Completes if the pairs are still what was to be imported, after the last of them is in. */
  default CompletableFuture<Void> verify() {
    return CompletableFuture.completedFuture(null);
  }

  /** Lets go of what the source holds; idempotent. */
  @Override
  default void close() {}
}
