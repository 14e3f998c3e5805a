package io.arrowraft.server.txn;

import io.arrowraft.storage.mvcc.KeyValueBatch;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Buffers of finished scans, kept for the next ones: they lie outside of the heap, where a fresh
 * pair for every short scan would be freed too late. Safe for use by any thread.
 */
public final class ScanBuffers {
  /** A batch that a long scan has grown past this is not kept. */
  private static final int KEPT_BYTES_MAX = 4 << 20;

  private final int bytesMax;
  private final int keptMax;
  private final Deque<KeyValueBatch> kept = new ArrayDeque<>();

  /**
   * @param bytesMax at which a batch is full
   * @param keptMax how many are kept while nobody uses them
   */
  public ScanBuffers(int bytesMax, int keptMax) {
    this.bytesMax = bytesMax;
    this.keptMax = keptMax;
  }

  public int bytesMax() {
    return bytesMax;
  }

  /** An empty batch, which is the caller's until it gives it back. */
  public KeyValueBatch take() {
    synchronized (kept) {
      KeyValueBatch batch = kept.pollLast();
      if (batch != null) {
        return batch;
      }
    }
    return new KeyValueBatch(bytesMax);
  }

  /** Takes a batch back, whose contents nobody uses any more. */
  public void give(KeyValueBatch batch) {
    batch.clear();
    if (batch.keys().capacity() + (long) batch.values().capacity() > KEPT_BYTES_MAX) {
      return;
    }
    synchronized (kept) {
      if (kept.size() < keptMax) {
        kept.addLast(batch);
      }
    }
  }
}
