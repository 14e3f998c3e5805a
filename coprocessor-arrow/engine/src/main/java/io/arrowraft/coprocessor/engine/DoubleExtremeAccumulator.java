package io.arrowraft.coprocessor.engine;

import java.util.Arrays;

/** MIN and MAX of FLOAT and DOUBLE; NaN is largest. */
final class DoubleExtremeAccumulator extends Accumulator {
  private final int sign;
  private double[] best = new double[0];
  private boolean[] seen = new boolean[0];

  DoubleExtremeAccumulator(int sign) {
    this.sign = sign;
  }

  @Override
  void grow(int groups) {
    best = Arrays.copyOf(best, groups);
    seen = Arrays.copyOf(seen, groups);
  }

  @Override
  int bytesPerGroup() {
    return Double.BYTES + 1;
  }

  @Override
  void add(Vector values, int[] groupOf, int count) {
    double[] numbers = ((DoubleVector) values).values;
    for (int i = 0; i < count; i++) {
      int group = groupOf[i];
      if (!values.nulls[i]
          && (!seen[group] || DoubleVector.compare(numbers[i], best[group]) * sign > 0)) {
        best[group] = numbers[i];
        seen[group] = true;
      }
    }
  }

  @Override
  void emit(int group, int part, Vector target, int row) {
    if (part > 0 || !seen[group]) {
      target.markNull(row);
    } else {
      ((DoubleVector) target).values[row] = best[group];
    }
  }
}
