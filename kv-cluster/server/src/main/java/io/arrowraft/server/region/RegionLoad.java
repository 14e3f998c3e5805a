package io.arrowraft.server.region;

import io.arrowraft.storage.engine.WriteBatch;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts what requests do to one region, and samples their keys while somebody looks for a place to
 * split it. Costs a region that nobody reads or writes next to nothing. Safe for use by any thread.
 */
public final class RegionLoad {
  private static final QueryKind[] KINDS = QueryKind.values();
  private static final int KEYS_READ = KINDS.length;
  private static final int BYTES_READ = KINDS.length + 1;
  private static final int WRITES = KINDS.length + 2;
  private static final int SLOTS = KINDS.length + 3;
  private static final int SAMPLES_MAX = 512;

  private volatile AtomicLongArray slots;
  private volatile KeySamples samples;

  /** A request of this kind; reads tell by {@link #onRead} instead. */
  public void onRequest(QueryKind kind) {
    slots().getAndIncrement(kind.ordinal());
  }

  /** A read that was served. */
  public void onRead(QueryKind kind, long keys, long bytes) {
    AtomicLongArray counted = slots();
    counted.getAndIncrement(kind.ordinal());
    counted.getAndAdd(KEYS_READ, keys);
    counted.getAndAdd(BYTES_READ, bytes);
  }

  /** A write is asked for. */
  public void onWrite(List<WriteBatch.Operation> mutations) {
    slots().getAndIncrement(WRITES);
    if (!mutations.isEmpty() && isSampleWanted()) {
      sample(spanOf(mutations.get(0)));
    }
  }

  private static KeySpan spanOf(WriteBatch.Operation operation) {
    if (operation instanceof WriteBatch.Put put) {
      return KeySpan.of(put.key());
    }
    if (operation instanceof WriteBatch.Delete delete) {
      return KeySpan.of(delete.key());
    }
    WriteBatch.DeleteRange range = (WriteBatch.DeleteRange) operation;
    return new KeySpan(range.start(), range.end());
  }

  /** Whether the keys of the request at hand are to be passed to {@link #sample}. */
  public boolean isSampleWanted() {
    KeySamples wanted = samples;
    return wanted != null && wanted.wantsNext();
  }

  public void sample(KeySpan span) {
    KeySamples wanted = samples;
    if (wanted != null) {
      wanted.add(span);
    }
  }

  /** Begins to sample, anew. */
  public void startSampling() {
    samples = new KeySamples(SAMPLES_MAX);
  }

  public void stopSampling() {
    samples = null;
  }

  /** The samples so far; none if nobody has asked for them. */
  public List<KeySpan> samples() {
    KeySamples wanted = samples;
    return wanted == null ? List.of() : wanted.all();
  }

  /** What was counted since the last call. */
  public LoadCounts take() {
    LoadCounts taken = new LoadCounts();
    AtomicLongArray counted = slots;
    if (counted != null) {
      for (QueryKind kind : KINDS) {
        taken.addRequests(kind, counted.getAndSet(kind.ordinal(), 0));
      }
      taken.addRead(counted.getAndSet(KEYS_READ, 0), counted.getAndSet(BYTES_READ, 0));
      taken.addWrites(counted.getAndSet(WRITES, 0));
    }
    return taken;
  }

  private AtomicLongArray slots() {
    AtomicLongArray present = slots;
    return present != null ? present : createSlots();
  }

  private synchronized AtomicLongArray createSlots() {
    if (slots == null) {
      slots = new AtomicLongArray(SLOTS);
    }
    return slots;
  }
}
