package io.arrowraft.coprocessor.engine;

import io.arrowraft.table.Bytes;

/** How an execution stands. All but {@link Running} are final. */
public sealed interface Outcome {
  /** There may be more batches. */
  record Running() implements Outcome {}

  /** All rows of the source are in the batches that were returned. */
  record Finished() implements Outcome {}

  /** All rows before the key are in the batches; a further request goes on from there. */
  record Paused(Bytes continuationKey) implements Outcome {}

  /**
   * A lock stopped the scan. The batches that were returned are part of an answer at most: the
   * caller drops them, resolves the lock, and asks again.
   */
  record Blocked(Object lock) implements Outcome {}

  /** Nobody wants the answer any more. */
  record Cancelled() implements Outcome {}
}
