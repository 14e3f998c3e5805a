package io.arrowraft.storage.mvcc;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EngineReader;
import io.arrowraft.storage.engine.IterateOptions;

/**
 * Walks the locks of a range that matter to a view, in the direction of the scan. A scan merges it
 * with the write records, so that a lock is met where its key would be, even if the key has no
 * committed version.
 */
final class LockCursor implements AutoCloseable {
  private final EngineIterator iterator;
  private final ReadView view;
  private final boolean reverse;
  private final ReadCounters counters;
  private byte[] encodedKey;
  private LockedKey locked;
  private ReadView.Verdict verdict;

  LockCursor(
      EngineReader engine,
      EncodedRange range,
      ReadView view,
      boolean reverse,
      ReadCounters counters) {
    this.view = view;
    this.reverse = reverse;
    this.counters = counters;
    this.iterator =
        engine.iterator(
            ColumnFamily.LOCK,
            IterateOptions.range(range.lower().unsafeArray(), range.upper().unsafeArray()));
    settle(reverse ? iterator.seekToLast() : iterator.seekToFirst());
  }

  /** Whether the cursor stands on a lock that matters. */
  boolean valid() {
    return locked != null;
  }

  byte[] encodedKey() {
    return encodedKey;
  }

  LockedKey locked() {
    return locked;
  }

  ReadView.Verdict verdict() {
    return verdict;
  }

  void advance() {
    settle(reverse ? iterator.prev() : iterator.next());
  }

  @Override
  public void close() {
    locked = null;
    iterator.close();
  }

  private void settle(boolean standing) {
    locked = null;
    boolean on = standing;
    while (on) {
      counters.locksSeen++;
      encodedKey = iterator.key();
      Bytes key = MvccKeys.decode(encodedKey);
      Lock lock = Lock.decode(iterator.value());
      verdict = view.judge(key, lock);
      if (verdict != ReadView.Verdict.IGNORE) {
        locked = new LockedKey(key, lock);
        return;
      }
      on = reverse ? iterator.prev() : iterator.next();
    }
  }
}
