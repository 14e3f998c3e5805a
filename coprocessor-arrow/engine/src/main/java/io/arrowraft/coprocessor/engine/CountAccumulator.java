package io.arrowraft.coprocessor.engine;

import java.util.Arrays;

/** COUNT(*), and COUNT of what is not NULL. */
final class CountAccumulator extends Accumulator {
  private long[] counts = new long[0];

  @Override
  void grow(int groups) {
    counts = Arrays.copyOf(counts, groups);
  }

  @Override
  int bytesPerGroup() {
    return Long.BYTES;
  }

  @Override
  void add(Vector values, int[] groupOf, int count) {
    if (values == null || !values.hasNulls) {
      for (int i = 0; i < count; i++) {
        counts[groupOf[i]]++;
      }
    } else {
      for (int i = 0; i < count; i++) {
        counts[groupOf[i]] += values.nulls[i] ? 0 : 1;
      }
    }
  }

  @Override
  void emit(int group, int part, Vector target, int row) {
    ((LongVector) target).set(row, part == 0 ? counts[group] : 0);
  }
}
