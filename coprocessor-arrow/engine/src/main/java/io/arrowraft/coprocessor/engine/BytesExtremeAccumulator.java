package io.arrowraft.coprocessor.engine;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** MIN and MAX of text and binary. A better value is rare, so each may be an object of its own. */
final class BytesExtremeAccumulator extends Accumulator {
  private static final int ARRAY_HEADER_BYTES = 16;

  private final int sign;
  private final MemoryBudget budget;
  private ByteBuffer[] best = new ByteBuffer[0];

  BytesExtremeAccumulator(int sign, MemoryBudget budget) {
    this.sign = sign;
    this.budget = budget;
  }

  @Override
  void grow(int groups) {
    best = Arrays.copyOf(best, groups);
  }

  @Override
  int bytesPerGroup() {
    return Long.BYTES;
  }

  @Override
  void add(Vector values, int[] groupOf, int count) {
    BytesVector texts = (BytesVector) values;
    for (int i = 0; i < count; i++) {
      if (!texts.nulls[i]) {
        offer(texts, i, groupOf[i]);
      }
    }
  }

  private void offer(BytesVector texts, int row, int group) {
    ByteBuffer current = best[group];
    int length = texts.lengths[row];
    if (current != null
        && BytesVector.compare(texts.data, texts.starts[row], length, current, 0, current.limit())
                * (long) sign
            <= 0) {
      return;
    }
    if (current == null || current.capacity() < length) {
      budget.take(length + (current == null ? ARRAY_HEADER_BYTES : -current.capacity()));
      current = ByteBuffer.allocate(length);
      best[group] = current;
    }
    current.clear();
    current.put(0, texts.data, texts.starts[row], length);
    current.limit(length);
  }

  @Override
  void emit(int group, int part, Vector target, int row) {
    if (part > 0 || best[group] == null) {
      target.markNull(row);
    } else {
      ((BytesVector) target).set(row, best[group], 0, best[group].limit());
    }
  }
}
