package io.arrowraft.storage.txn;

import java.util.Objects;

/**
 * How a pessimistic transaction has protected a key before it prewrites it.
 *
 * @param expectedForUpdateTs the timestamp that the lock must carry, for one that was taken in
 *     spite of a newer version: a lock with another was lost and taken again by a late repetition
 *     of the request; 0 for any
 */
public record PessimisticGuard(Kind kind, long expectedForUpdateTs) {
  /** What was done for the key. */
  public enum Kind {
    /** Nothing: a lock on another key stands for this one. */
    OTHER_KEY,
    /** The key was locked, and the lock must still be there. */
    LOCK,
    /** Nothing yet: the key is checked now, as in an optimistic transaction. */
    DEFERRED
  }

  /** A key without a lock of its own; all there is in optimistic transactions. */
  public static final PessimisticGuard NONE = new PessimisticGuard(Kind.OTHER_KEY, 0);

  /** A key whose lock must be there. */
  public static final PessimisticGuard LOCK = new PessimisticGuard(Kind.LOCK, 0);

  /** A key that is checked now. */
  public static final PessimisticGuard DEFERRED = new PessimisticGuard(Kind.DEFERRED, 0);

  public PessimisticGuard {
    Objects.requireNonNull(kind, "kind");
    if (expectedForUpdateTs != 0 && kind != Kind.LOCK) {
      throw new IllegalArgumentException("no lock is expected of a key guarded by " + kind);
    }
  }

  /** This guard, with a lock taken at exactly this timestamp. */
  public PessimisticGuard takenAt(long forUpdateTs) {
    return new PessimisticGuard(kind, forUpdateTs);
  }
}
