package io.arrowraft.coprocessor.read;

import io.arrowraft.client.coprocessor.RegionRanges;
import io.arrowraft.table.Bytes;
import io.arrowraft.table.KeyRange;
import java.util.ArrayDeque;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;

/**
 * What has come of one region and what is still to come. Batches wait here until the store has said
 * which keys they cover; then they count, and those keys are never asked for again. Belongs to the
 * reader's thread.
 */
final class RegionRead implements AutoCloseable {
  private final RegionRanges target;
  private final ArrayDeque<ArrowBuf> held = new ArrayDeque<>();
  private List<KeyRange> left;
  private long heldBytes;
  private RegionStream stream;

  RegionRead(RegionRanges target) {
    this.target = target;
    this.left = target.ranges();
  }

  RegionRanges target() {
    return target;
  }

  /** What the batches that count do not cover. */
  List<KeyRange> left() {
    return left;
  }

  boolean isOpen() {
    return stream != null;
  }

  RegionStream stream() {
    return stream;
  }

  void opened(RegionStream opened) {
    stream = opened;
  }

  /** Takes the buffer over; returns how much is held back now. */
  long hold(ArrowBuf batch) {
    held.add(batch);
    heldBytes += batch.capacity();
    return heldBytes;
  }

  /**
   * What is held counts from now on, and covers the keys below {@code end}.
   *
   * @param end empty for all keys
   */
  void covered(Bytes end, ArrayDeque<ArrowBuf> deliverable) {
    deliverable.addAll(held);
    held.clear();
    heldBytes = 0;
    if (end.isEmpty()) {
      left = List.of();
      return;
    }
    KeyRange beyond = new KeyRange(end, Bytes.EMPTY);
    left = left.stream().flatMap(range -> range.intersection(beyond).stream()).toList();
  }

  /** Frees what does not count, and cancels the stream. Idempotent. */
  @Override
  public void close() {
    if (stream != null) {
      stream.close();
    }
    held.forEach(ArrowBuf::close);
    held.clear();
    heldBytes = 0;
  }
}
