package io.arrowraft.server.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Invariant;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.mvcc.ReadView;
import io.arrowraft.storage.mvcc.Timestamps;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/**
 * What readers and writers of a store tell each other outside of the data: the greatest timestamp
 * that anybody has read at, and the locks of asynchronous commits that are not applied yet.
 *
 * <p>A reader raises the maximum, then looks for memory locks, then takes its snapshot. A writer
 * registers its key, then derives its lock from the maximum and keeps the key registered until the
 * lock is applied. Whichever comes second sees the first: either the lock commits past the read, or
 * the read meets the lock (in memory, or in the snapshot).
 *
 * <p>Safe for use by any thread; one of the few structures that threads of a store share.
 */
public final class MemoryLocks {
  private static final int SYNCED_MAX = 1 << 17;

  private final AtomicLong maxTimestamp = new AtomicLong();

  /** By region, for which term and version the maximum covers the reads of all before. */
  private final ConcurrentMap<Long, Synced> synced = new ConcurrentHashMap<>();

  /** A version of its own for every range: what a merge brings in was read under other leaders. */
  private record Synced(long term, long version) {
    private Synced later(Synced other) {
      return other.term > term || (other.term == term && other.version > version) ? other : this;
    }
  }

  private final ConcurrentNavigableMap<Bytes, Entry> entries = new ConcurrentSkipListMap<>();

  /** A registered key; closing it ends the registration. */
  public final class Held implements AutoCloseable {
    private final Bytes key;
    private final Entry entry;
    private final Lock lock;

    private Held(Bytes key, Entry entry, Lock lock) {
      this.key = key;
      this.entry = entry;
      this.lock = lock;
    }

    /** The lock as registered. */
    public Lock lock() {
      return lock;
    }

    @Override
    public void close() {
      entries.remove(key, entry);
    }
  }

  private static final class Entry {
    private Lock lock;

    /** Waits until the lock is made; null if it was not to be. */
    synchronized Lock lock() {
      return lock;
    }
  }

  /**
   * Notes that somebody reads at {@code readTs}. The maximum timestamp means "latest" and counts
   * for nothing.
   */
  public void observeRead(long readTs) {
    if (readTs == Timestamps.MAX) {
      return;
    }
    long seen = maxTimestamp.get();
    while (Timestamps.isAfter(readTs, seen) && !maxTimestamp.compareAndSet(seen, readTs)) {
      seen = maxTimestamp.get();
    }
  }

  /**
   * Notes that this store, which leads a region in a term and with a version, has raised the
   * maximum to a timestamp that the placement driver gave out after both began: every read of an
   * earlier leader, also of a region that has become part of this one, is below.
   */
  public void synced(long regionId, long term, long version) {
    if (synced.size() >= SYNCED_MAX) {
      synced.clear(); // of regions that have gone, for the most part; others sync again
    }
    synced.merge(regionId, new Synced(term, version), Synced::later);
  }

  /** Whether commits may be timed by the maximum. */
  public boolean isSynced(long regionId, long term, long version) {
    return new Synced(term, version).equals(synced.get(regionId));
  }

  /** The greatest timestamp read at so far; asynchronous commits must commit after it. */
  public long maxTimestamp() {
    return maxTimestamp.get();
  }

  /**
   * Registers a key whose latch the caller holds, with a lock made from the maximum timestamp.
   *
   * @param lock makes the lock from the maximum; its minCommitTs must be past it
   */
  public Held hold(Bytes key, LongFunction<Lock> lock) {
    Entry entry = new Entry();
    Entry other = entries.putIfAbsent(key, entry);
    Invariant.check(other == null, "a key is locked in memory twice", "key", key);
    // A reader that finds the entry waits here until it knows the lock; one that does not find it
    // raised the maximum before.
    synchronized (entry) {
      try {
        long seen = maxTimestamp.get();
        Lock made = lock.apply(seen);
        Invariant.check(
            Timestamps.isAfter(made.minCommitTs(), seen),
            "a memory lock may commit below a read",
            "minCommitTs",
            made.minCommitTs(),
            "maxTimestamp",
            seen);
        entry.lock = made;
        return new Held(key, entry, made);
      } finally {
        if (entry.lock == null) {
          entries.remove(key, entry);
        }
      }
    }
  }

  /** The memory lock that blocks a read of a user key. */
  public Optional<LockedKey> blocking(Bytes key, ReadView view) {
    Entry entry = entries.get(key);
    return entry == null ? Optional.empty() : judge(key, entry, view);
  }

  /**
   * The first memory lock that blocks a read of a range of user keys.
   *
   * @param end exclusive; empty for none
   */
  public Optional<LockedKey> blocking(Bytes start, Bytes end, ReadView view) {
    if (entries.isEmpty() || (!end.isEmpty() && start.compareTo(end) >= 0)) {
      return Optional.empty();
    }
    NavigableMap<Bytes, Entry> range =
        end.isEmpty() ? entries.tailMap(start, true) : entries.subMap(start, true, end, false);
    for (Map.Entry<Bytes, Entry> held : range.entrySet()) {
      Optional<LockedKey> blocking = judge(held.getKey(), held.getValue(), view);
      if (blocking.isPresent()) {
        return blocking;
      }
    }
    return Optional.empty();
  }

  /**
   * A memory lock in a range of user keys whose transaction started at or before {@code maxTs},
   * whatever it may mean to a read.
   *
   * @param end exclusive; empty for none
   */
  public Optional<LockedKey> startedBy(Bytes start, Bytes end, long maxTs) {
    if (entries.isEmpty() || (!end.isEmpty() && start.compareTo(end) >= 0)) {
      return Optional.empty();
    }
    NavigableMap<Bytes, Entry> range =
        end.isEmpty() ? entries.tailMap(start, true) : entries.subMap(start, true, end, false);
    for (Map.Entry<Bytes, Entry> held : range.entrySet()) {
      Lock lock = held.getValue().lock();
      if (lock != null && !Timestamps.isAfter(lock.startTs(), maxTs)) {
        return Optional.of(new LockedKey(held.getKey(), lock));
      }
    }
    return Optional.empty();
  }

  /**
   * A memory lock on one of certain user keys whose transaction started at or before {@code maxTs}.
   */
  public Optional<LockedKey> startedBy(Predicate<Bytes> wanted, long maxTs) {
    for (Map.Entry<Bytes, Entry> held : entries.entrySet()) {
      if (!wanted.test(held.getKey())) {
        continue;
      }
      Lock lock = held.getValue().lock();
      if (lock != null && !Timestamps.isAfter(lock.startTs(), maxTs)) {
        return Optional.of(new LockedKey(held.getKey(), lock));
      }
    }
    return Optional.empty();
  }

  private static Optional<LockedKey> judge(Bytes key, Entry entry, ReadView view) {
    Lock lock = entry.lock();
    return lock != null && view.judge(key, lock) != ReadView.Verdict.IGNORE
        ? Optional.of(new LockedKey(key, lock))
        : Optional.empty();
  }
}
