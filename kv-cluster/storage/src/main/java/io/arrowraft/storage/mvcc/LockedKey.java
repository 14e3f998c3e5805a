package io.arrowraft.storage.mvcc;

import io.arrowraft.runtime.Bytes;
import java.util.Objects;

/** A lock and the user key it is on: all that a client needs to resolve it. */
public record LockedKey(Bytes key, Lock lock) {
  public LockedKey {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(lock, "lock");
  }
}
