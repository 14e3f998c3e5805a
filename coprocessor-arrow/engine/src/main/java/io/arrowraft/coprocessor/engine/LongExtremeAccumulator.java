package io.arrowraft.coprocessor.engine;

import java.util.Arrays;

/** MIN and MAX of what a {@link LongVector} holds. */
final class LongExtremeAccumulator extends Accumulator {
  private final int sign;
  private long[] low = new long[0];
  private long[] high = new long[0];
  private boolean[] seen = new boolean[0];

  /**
   * @param sign of a comparison of a better value with the one so far: 1 for MAX, -1 for MIN
   */
  LongExtremeAccumulator(int sign) {
    this.sign = sign;
  }

  @Override
  void grow(int groups) {
    low = Arrays.copyOf(low, groups);
    high = Arrays.copyOf(high, groups);
    seen = Arrays.copyOf(seen, groups);
  }

  @Override
  int bytesPerGroup() {
    return 2 * Long.BYTES + 1;
  }

  @Override
  void add(Vector values, int[] groupOf, int count) {
    LongVector numbers = (LongVector) values;
    for (int i = 0; i < count; i++) {
      int group = groupOf[i];
      if (!numbers.nulls[i]) {
        long value = numbers.values[i];
        long upper = numbers.highAt(i);
        if (!seen[group] || Int128.compare(value, upper, low[group], high[group]) * sign > 0) {
          low[group] = value;
          high[group] = upper;
          seen[group] = true;
        }
      }
    }
  }

  @Override
  void emit(int group, int part, Vector target, int row) {
    if (part > 0 || !seen[group]) {
      target.markNull(row);
    } else {
      ((LongVector) target).set(row, low[group], high[group]);
    }
  }
}
