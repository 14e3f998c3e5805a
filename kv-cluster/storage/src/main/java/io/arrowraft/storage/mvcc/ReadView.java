package io.arrowraft.storage.mvcc;

import io.arrowraft.runtime.Bytes;
import java.util.Objects;
import java.util.Set;

/**
 * What a read may see.
 *
 * @param readTs reads the state as of this timestamp; {@link Timestamps#MAX} for the latest
 * @param isolation whether locks are honoured
 * @param bypassLocks start timestamps of transactions whose locks the reader may ignore: they are
 *     rolled back, or can only commit after readTs ("resolved locks")
 * @param accessLocks start timestamps of transactions known to have committed at or below readTs:
 *     their locks are read as if committed ("committed locks")
 */
public record ReadView(
    long readTs, Isolation isolation, Set<Long> bypassLocks, Set<Long> accessLocks) {

  /** How much a read respects transactions that are still under way. */
  public enum Isolation {
    /** Locks block the read: the answer is exactly the state as of the timestamp. */
    SNAPSHOT,
    /** Locks are ignored: committed data only, but not of one moment. */
    READ_COMMITTED
  }

  /** What a lock means for a read of its key. */
  public enum Verdict {
    /** The lock cannot affect the answer. */
    IGNORE,
    /** The lock's value is the answer. */
    READ_THROUGH,
    /** The fate of the lock must be known first. */
    BLOCKED
  }

  public ReadView {
    Objects.requireNonNull(isolation, "isolation");
    bypassLocks = Set.copyOf(bypassLocks);
    accessLocks = Set.copyOf(accessLocks);
  }

  /** A snapshot read without knowledge of any lock. */
  public static ReadView at(long readTs) {
    return new ReadView(readTs, Isolation.SNAPSHOT, Set.of(), Set.of());
  }

  /** Judges a lock on the user key. */
  public Verdict judge(Bytes key, Lock lock) {
    if (isolation == Isolation.READ_COMMITTED
        || Timestamps.isAfter(lock.startTs(), readTs)
        || lock.type() == LockType.LOCK
        || lock.isPessimistic()
        || Timestamps.isAfter(lock.minCommitTs(), readTs)
        || bypassLocks.contains(lock.startTs())) {
      return Verdict.IGNORE;
    }
    if (accessLocks.contains(lock.startTs())) {
      return Verdict.READ_THROUGH;
    }
    // A read of the latest data may pass an uncommitted primary: the commit has not happened yet.
    // Under asynchronous commit it may have happened already, without a write record to show it.
    if (readTs == Timestamps.MAX && !lock.asyncCommit() && key.equals(lock.primary())) {
      return Verdict.IGNORE;
    }
    return Verdict.BLOCKED;
  }
}
