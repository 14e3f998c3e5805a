package io.arrowraft.storage.mvcc;

import io.arrowraft.runtime.Bytes;

/** The outcome of reading one key at a timestamp. */
public sealed interface GetResult {
  /**
   * The key has a value.
   *
   * @param commitTs when it was committed; 0 when it was read from a lock
   */
  record Found(Bytes value, long commitTs) implements GetResult {}

  /** The key has no value at the timestamp. */
  record Absent() implements GetResult {}

  /** A lock must be resolved before the key can be read. */
  record Locked(LockedKey locked) implements GetResult {}
}
