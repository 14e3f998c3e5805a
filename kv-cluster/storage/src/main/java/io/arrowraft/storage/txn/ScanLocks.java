package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.EncodedRange;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.mvcc.MvccKeys;
import io.arrowraft.storage.mvcc.MvccReader;
import io.arrowraft.storage.mvcc.Timestamps;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Finds locks in a range: the reading half of resolving a range, and what garbage collection asks.
 *
 * @param wanted which locks
 * @param limit how many at most, positive
 */
public record ScanLocks(EncodedRange range, Predicate<Lock> wanted, int limit) {

  /**
   * Locks in key order.
   *
   * @param rest what has not been searched; empty when all has
   */
  public record Page(List<LockedKey> locks, Optional<EncodedRange> rest) {
    public Page {
      locks = List.copyOf(locks);
    }
  }

  public ScanLocks {
    Objects.requireNonNull(range, "range");
    Objects.requireNonNull(wanted, "wanted");
    if (limit < 1) {
      throw new IllegalArgumentException("limit must be positive, was " + limit);
    }
  }

  /** Locks of transactions that started at or before {@code maxTs}. */
  public static ScanLocks upTo(long maxTs, EncodedRange range, int limit) {
    return new ScanLocks(range, lock -> !Timestamps.isAfter(lock.startTs(), maxTs), limit);
  }

  /** Locks of given transactions. */
  public static ScanLocks of(Set<Long> startTimestamps, EncodedRange range, int limit) {
    Set<Long> wanted = Set.copyOf(startTimestamps);
    return new ScanLocks(range, lock -> wanted.contains(lock.startTs()), limit);
  }

  public Page run(MvccReader reader) {
    List<LockedKey> found = reader.locks(range, limit, wanted);
    if (found.size() < limit) {
      return new Page(found, Optional.empty());
    }
    byte[] last = MvccKeys.encode(found.get(found.size() - 1).key());
    EncodedRange rest = new EncodedRange(Bytes.wrap(last).next(), range.upper());
    return new Page(found, rest.isEmpty() ? Optional.empty() : Optional.of(rest));
  }
}
