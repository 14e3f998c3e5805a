package io.arrowraft.storage.mvcc;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineReader;
import io.arrowraft.storage.engine.IterateOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Scans a range at a timestamp, in either direction, into reused buffers.
 *
 * <p>Two cursors are merged: one over the user keys with write records, one over the locks that
 * matter to the view. Since both are in key order, a lock stops the scan where its key stands, and
 * every row before it is final.
 *
 * <p>The second cursor is opened only once there is such a lock. Until then rows are taken first,
 * and the stretch of keys that they come from is searched for locks afterwards: every lock that
 * ever was leaves a trace that the engine steps over one by one, and to look for the next lock
 * without a bound is to step over those of the whole range, however few rows are wanted.
 */
public final class MvccScanner implements AutoCloseable {
  private static final int KEYS_BETWEEN_CANCEL_CHECKS = 64;

  private final EngineReader engine;
  private final EncodedRange range;
  private final ScanOptions options;
  private final ReadCounters counters = new ReadCounters();
  private final RowCursor rows;

  /** Where locks have not been searched for yet: from here on in the direction of the scan. */
  private Bytes unsearched;

  /** Whether locks matter and it is not yet known that there is one, or that there is none. */
  private boolean searching;

  /** Open once there is a lock that matters. */
  private LockCursor locks;

  private ByteBuffer longValueKey = ByteBuffer.allocateDirect(256);
  private int keysSinceCancelCheck;

  /**
   * Opens a scan over {@code engine}, a snapshot as a rule, which stays the caller's to close after
   * the scanner.
   */
  public MvccScanner(EngineReader engine, EncodedRange range, ScanOptions options) {
    this.engine = Objects.requireNonNull(engine, "engine");
    this.range = Objects.requireNonNull(range, "range");
    this.options = Objects.requireNonNull(options, "options");
    ReadView view = options.view();
    if (range.isEmpty()) {
      rows = null;
      return;
    }
    unsearched = options.reverse() ? range.upper() : range.lower();
    searching = view.isolation() == ReadView.Isolation.SNAPSHOT;
    IterateOptions bounds =
        new IterateOptions(
            range.lower().unsafeArray(), range.upper().unsafeArray(), options.fillCache());
    RecordCursor cursor = new RecordCursor(engine.iterator(ColumnFamily.WRITE, bounds), counters);
    rows =
        options.reverse()
            ? new BackwardRows(cursor, view.readTs())
            : new ForwardRows(cursor, view.readTs());
  }

  /**
   * Appends rows to the batch until it has {@code maxRows} rows or is full, a lock is met, the
   * range ends or the scan is cancelled. Goes on where the last call stopped.
   */
  public ScanResult fill(KeyValueBatch batch, int maxRows) {
    if (!searching) {
      return merge(batch, maxRows);
    }
    int rowsBefore = batch.rows();
    long bytesBefore = batch.byteSize();
    byte[] standing = rows.standing();
    ScanResult result = merge(batch, maxRows);
    Bytes reached = reached();
    searching = rows.valid();
    if (!hasLocks(stretch(unsearched, reached))) {
      unsearched = reached;
      return result;
    }
    searching = false;
    counters.processedKeys -= batch.rows() - rowsBefore;
    counters.valueBytes -= batch.byteSize() - bytesBefore;
    batch.truncate(rowsBefore);
    if (standing != null) {
      rows.returnTo(standing);
    }
    locks = cursor(stretch(unsearched, options.reverse() ? range.lower() : range.upper()));
    return merge(batch, maxRows);
  }

  private ScanResult merge(KeyValueBatch batch, int maxRows) {
    while (true) {
      int order = nextSource();
      if (order == NOTHING_LEFT) {
        return new ScanResult.Exhausted();
      }
      if (batch.rows() >= maxRows || batch.isFull()) {
        return new ScanResult.Full(resumeKey(order));
      }
      if (++keysSinceCancelCheck >= KEYS_BETWEEN_CANCEL_CHECKS) {
        keysSinceCancelCheck = 0;
        if (options.cancelled().getAsBoolean()) {
          return new ScanResult.Cancelled(resumeKey(order));
        }
      }
      if (order == ROW_FIRST) {
        takeRow(batch);
      } else if (locks.verdict() == ReadView.Verdict.BLOCKED) {
        return new ScanResult.Locked(blockingLocks(), resumeKey(order));
      } else {
        readThroughLock(batch, order);
      }
    }
  }

  /** Up to where all rows have been taken, in the direction of the scan. */
  private Bytes reached() {
    if (!rows.valid()) {
      return options.reverse() ? range.lower() : range.upper();
    }
    Bytes next = Bytes.wrap(Arrays.copyOf(rows.key(), rows.keyLength()));
    return options.reverse() ? next.next() : next;
  }

  private EncodedRange stretch(Bytes from, Bytes to) {
    return options.reverse() ? new EncodedRange(to, from) : new EncodedRange(from, to);
  }

  private boolean hasLocks(EncodedRange stretch) {
    if (stretch.isEmpty()) {
      return false;
    }
    try (LockCursor cursor = cursor(stretch)) {
      return cursor.valid();
    }
  }

  private LockCursor cursor(EncodedRange stretch) {
    return new LockCursor(engine, stretch, options.view(), options.reverse(), counters);
  }

  /** After {@link ScanResult.Locked}: leaves out the locked key and goes on behind it. */
  public void skipLocked() {
    int order = nextSource();
    if (order != LOCK_FIRST && order != SAME_KEY) {
      throw new IllegalStateException("the scan does not stand on a locked key");
    }
    if (order == SAME_KEY) {
      rows.skipRow();
    }
    locks.advance();
  }

  /**
   * Scans past locks, naming each locked key in its place, until there are {@code limit} entries or
   * {@code bytesMax} bytes.
   *
   * @param entries takes the entries
   * @return why it stopped; never Locked
   */
  public ScanResult collect(List<ScanEntry> entries, int limit, int bytesMax) {
    KeyValueBatch batch = new KeyValueBatch(bytesMax);
    int blocked = 0;
    int taken = 0;
    while (true) {
      ScanResult result = fill(batch, limit - blocked);
      for (; taken < batch.rows(); taken++) {
        entries.add(new ScanEntry.Row(batch.key(taken), batch.value(taken)));
      }
      if (!(result instanceof ScanResult.Locked locked)) {
        return result;
      }
      entries.add(new ScanEntry.Blocked(locked.locks().get(0)));
      blocked++;
      skipLocked();
    }
  }

  /** What scanning has cost so far. */
  public ReadStatistics statistics() {
    return counters.statistics();
  }

  @Override
  public void close() {
    if (rows != null) {
      rows.close();
    }
    if (locks != null) {
      locks.close();
    }
  }

  private static final int NOTHING_LEFT = 0;
  private static final int ROW_FIRST = 1;
  private static final int LOCK_FIRST = 2;
  private static final int SAME_KEY = 3;

  /** Which cursor stands on the next key in the direction of the scan. */
  private int nextSource() {
    boolean hasRow = rows != null && rows.valid();
    boolean hasLock = locks != null && locks.valid();
    if (!hasLock) {
      return hasRow ? ROW_FIRST : NOTHING_LEFT;
    }
    if (!hasRow) {
      return LOCK_FIRST;
    }
    byte[] lockKey = locks.encodedKey();
    int order = Arrays.compareUnsigned(rows.key(), 0, rows.keyLength(), lockKey, 0, lockKey.length);
    if (order == 0) {
      return SAME_KEY;
    }
    return order < 0 != options.reverse() ? ROW_FIRST : LOCK_FIRST;
  }

  private void takeRow(KeyValueBatch batch) {
    WriteView visible = rows.takeRow();
    if (visible == null) {
      return;
    }
    long before = batch.byteSize();
    batch.startRow(rows.row(), rows.rowLength());
    if (!options.keyOnly()) {
      if (visible.hasShortValue()) {
        batch.appendValue(visible.source(), visible.valueAt(), visible.valueLength());
      } else {
        appendLongValue(batch, rows.row(), rows.rowLength(), visible.startTs());
      }
    }
    endRow(batch, before);
  }

  private void readThroughLock(KeyValueBatch batch, int order) {
    Lock lock = locks.locked().lock();
    if (lock.type() == LockType.PUT) {
      long before = batch.byteSize();
      byte[] key = locks.encodedKey();
      batch.startRow(key, key.length);
      if (!options.keyOnly()) {
        if (lock.shortValue() != null) {
          batch.appendValue(lock.shortValue().unsafeArray(), 0, lock.shortValue().length());
        } else {
          appendLongValue(batch, key, key.length, lock.startTs());
        }
      }
      endRow(batch, before);
    }
    if (order == SAME_KEY) {
      rows.skipRow();
    }
    locks.advance();
  }

  private void endRow(KeyValueBatch batch, long bytesBefore) {
    batch.endRow();
    counters.processedKeys++;
    counters.valueBytes += batch.byteSize() - bytesBefore;
  }

  private void appendLongValue(KeyValueBatch batch, byte[] key, int length, long startTs) {
    int size = length + MvccKeys.TIMESTAMP_BYTES;
    if (longValueKey.capacity() < size) {
      longValueKey = ByteBuffer.allocateDirect(size * 2);
    }
    // All bits of the timestamp are stored inverted, which putLong of the complement does.
    longValueKey.clear().put(key, 0, length).putLong(~startTs).flip();
    ByteBuffer target = batch.valueRoom(Lock.SHORT_VALUE_BYTES_MAX + 1);
    int room = target.remaining();
    int found = engine.get(ColumnFamily.DEFAULT, longValueKey, target);
    if (found > room) {
      found = engine.get(ColumnFamily.DEFAULT, longValueKey, batch.valueRoom(found));
    }
    if (found < 0) {
      throw MvccReader.missingValue(MvccKeys.decode(key, length), startTs);
    }
  }

  /** The lock the scan stands on, and others behind it up to the limit. */
  private List<LockedKey> blockingLocks() {
    List<LockedKey> blocking = new ArrayList<>();
    blocking.add(locks.locked());
    Bytes key = Bytes.wrap(locks.encodedKey());
    EncodedRange ahead =
        options.reverse()
            ? new EncodedRange(range.lower(), key)
            : new EncodedRange(key.next(), range.upper());
    if (ahead.isEmpty()) {
      return blocking;
    }
    try (LockCursor cursor = cursor(ahead)) {
      for (; cursor.valid() && blocking.size() < options.locksMax(); cursor.advance()) {
        if (cursor.verdict() == ReadView.Verdict.BLOCKED) {
          blocking.add(cursor.locked());
        }
      }
    }
    return blocking;
  }

  private Bytes resumeKey(int order) {
    Bytes next =
        order == ROW_FIRST ? MvccKeys.decode(rows.key(), rows.keyLength()) : locks.locked().key();
    return options.reverse() ? next.next() : next;
  }
}
