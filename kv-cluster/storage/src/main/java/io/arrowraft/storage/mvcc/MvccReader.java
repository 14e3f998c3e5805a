package io.arrowraft.storage.mvcc;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.EngineReader;
import io.arrowraft.storage.engine.IterateOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Reads single keys and their histories over one state of an engine. It keeps an iterator between
 * calls, so reading keys in order is cheap; the caller closes it before the snapshot.
 */
public final class MvccReader implements AutoCloseable {
  /** Stepping costs a fraction of searching: take this many steps before a search. */
  static final int STEPS_BEFORE_SEEK = 8;

  private final EngineReader engine;
  private final IterateOptions bounds;
  private final ReadCounters counters = new ReadCounters();
  private final WriteView view = new WriteView();
  private RecordCursor writes;

  /**
   * Reads over {@code engine}, a snapshot as a rule, which stays the caller's to close.
   *
   * @param range where all keys that are read lie. Searching a key without versions ends at the
   *     next stored one, which must not be beyond: were that damaged, the damage would seem to be
   *     in the range
   */
  public MvccReader(EngineReader engine, EncodedRange range) {
    this.engine = Objects.requireNonNull(engine, "engine");
    this.bounds = IterateOptions.range(range.lower().unsafeArray(), range.upper().unsafeArray());
  }

  /** The lock on a user key, or null. */
  public Lock lock(Bytes key) {
    byte[] stored = engine.get(ColumnFamily.LOCK, MvccKeys.encode(key));
    if (stored == null) {
      return null;
    }
    counters.locksSeen++;
    return Lock.decode(stored);
  }

  /** Reads a user key as the view allows. */
  public GetResult get(Bytes key, ReadView readView) {
    if (readView.isolation() == ReadView.Isolation.SNAPSHOT) {
      Lock lock = lock(key);
      if (lock != null) {
        switch (readView.judge(key, lock)) {
          case BLOCKED -> {
            return new GetResult.Locked(new LockedKey(key, lock));
          }
          case READ_THROUGH -> {
            return readThrough(key, lock);
          }
          case IGNORE -> {
            // goes on to the committed versions
          }
        }
      }
    }
    CommittedWrite put = put(key, readView.readTs());
    if (put == null) {
      return new GetResult.Absent();
    }
    return found(value(key, put.write()), put.commitTs());
  }

  private GetResult readThrough(Bytes key, Lock lock) {
    if (lock.type() == LockType.DELETE) {
      return new GetResult.Absent();
    }
    Bytes value = lock.shortValue() != null ? lock.shortValue() : longValue(key, lock.startTs());
    return found(value, 0);
  }

  private GetResult found(Bytes value, long commitTs) {
    counters.processedKeys++;
    counters.valueBytes += value.length();
    return new GetResult.Found(value, commitTs);
  }

  /** The PUT that a read at {@code ts} sees, or null when it sees nothing. */
  public CommittedWrite put(Bytes key, long ts) {
    return put(key, ts, ts);
  }

  /**
   * The PUT that is visible at {@code ts}, or null.
   *
   * @param fenceTs a record fenced at or below this is taken for garbage-collected; there must be
   *     no PUT or DELETE between it and ts
   */
  public CommittedWrite put(Bytes key, long ts, long fenceTs) {
    byte[] encoded = MvccKeys.encode(key);
    long at = ts;
    while (standAt(encoded, at)) {
      writes.parse(view);
      if (!view.countsAt(fenceTs) || view.type() == WriteType.DELETE) {
        return null;
      }
      long commitTs = writes.timestamp();
      if (view.type() == WriteType.PUT) {
        return new CommittedWrite(commitTs, view.toWrite());
      }
      if (commitTs == 0) {
        return null;
      }
      at = commitTs - 1;
    }
    return null;
  }

  /**
   * The newest record of a user key, of any type, at or below {@code ts}; null if there is none.
   */
  public CommittedWrite newestWrite(Bytes key, long ts) {
    if (!standAt(MvccKeys.encode(key), ts)) {
      return null;
    }
    return new CommittedWrite(writes.timestamp(), writes.parse(view).toWrite());
  }

  /** The value of a PUT of the user key, wherever it is stored. */
  public Bytes value(Bytes key, Write write) {
    return write.shortValue() != null ? write.shortValue() : longValue(key, write.startTs());
  }

  private Bytes longValue(Bytes key, long startTs) {
    byte[] stored = MvccKeys.withTimestamp(MvccKeys.encode(key), startTs);
    byte[] value = engine.get(ColumnFamily.DEFAULT, stored);
    if (value == null) {
      throw missingValue(key, startTs);
    }
    return Bytes.wrap(value);
  }

  static EngineException missingValue(Bytes key, long startTs) {
    byte[] stored = MvccKeys.withTimestamp(MvccKeys.encode(key), startTs);
    return CorruptDataException.at(
        new CorruptDataException.Damage(
            ColumnFamily.DEFAULT, stored, Arrays.copyOf(stored, stored.length + 1)),
        "key "
            + key
            + " has a record of the transaction "
            + Long.toUnsignedString(startTs)
            + " but not the value it refers to",
        null);
  }

  /**
   * Finds what became of the transaction {@code startTs} on a user key. All records down to startTs
   * are searched: a transaction that starts earlier may commit later than one that starts after it.
   */
  public CommitRecord commitRecord(Bytes key, long startTs) {
    byte[] encoded = MvccKeys.encode(key);
    long at = Timestamps.MAX;
    long nextChangeTs = 0;
    while (standAt(encoded, at)) {
      long commitTs = writes.timestamp();
      Write write = writes.parse(view).toWrite();
      if (write.startTs() == startTs) {
        return new CommitRecord.Found(new CommittedWrite(commitTs, write));
      }
      if (commitTs == startTs) {
        return write.overlappedRollback()
            ? new CommitRecord.OverlappedRollback(commitTs)
            : new CommitRecord.OverlappedWrite(new CommittedWrite(commitTs, write), nextChangeTs);
      }
      if (Timestamps.isAfter(startTs, commitTs)) {
        break;
      }
      if (write.type().changesData()) {
        nextChangeTs = commitTs;
      }
      at = commitTs - 1;
    }
    return new CommitRecord.None();
  }

  /**
   * Lists locks in key order.
   *
   * @param limit how many at most; 0 for all in the range
   */
  public List<LockedKey> locks(EncodedRange range, int limit, Predicate<Lock> wanted) {
    List<LockedKey> found = new ArrayList<>();
    IterateOptions options =
        IterateOptions.range(range.lower().unsafeArray(), range.upper().unsafeArray());
    if (range.isEmpty()) {
      return found;
    }
    try (var iterator = engine.iterator(ColumnFamily.LOCK, options)) {
      for (boolean on = iterator.seekToFirst(); on; on = iterator.next()) {
        counters.locksSeen++;
        Lock lock = Lock.decode(iterator.value());
        if (wanted.test(lock)) {
          found.add(new LockedKey(MvccKeys.decode(iterator.key()), lock));
          if (found.size() == limit) {
            break;
          }
        }
      }
    }
    return found;
  }

  /** What reading has cost so far. */
  public ReadStatistics statistics() {
    return counters.statistics();
  }

  @Override
  public void close() {
    if (writes != null) {
      writes.close();
    }
  }

  /** Moves to the newest record at or below {@code ts}; false if the key has none. */
  private boolean standAt(byte[] encoded, long ts) {
    if (writes == null) {
      writes = new RecordCursor(engine.iterator(ColumnFamily.WRITE, bounds), counters);
    }
    int steps = 0;
    while (writes.isVersionOf(encoded, encoded.length)
        && Timestamps.isAfter(writes.timestamp(), ts)
        && steps++ < STEPS_BEFORE_SEEK) {
      writes.next();
      if (!writes.isVersionOf(encoded, encoded.length)) {
        return false; // stepped over the oldest version
      }
      if (!Timestamps.isAfter(writes.timestamp(), ts)) {
        return true;
      }
    }
    writes.seek(MvccKeys.withTimestamp(encoded, ts));
    return writes.isVersionOf(encoded, encoded.length);
  }
}
