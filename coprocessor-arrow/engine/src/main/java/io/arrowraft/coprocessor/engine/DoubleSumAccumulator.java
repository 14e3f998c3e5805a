package io.arrowraft.coprocessor.engine;

import java.util.Arrays;

/** SUM of FLOAT and DOUBLE in row order, which a request has to ask for. */
final class DoubleSumAccumulator extends Accumulator {
  private double[] sums = new double[0];
  private boolean[] seen = new boolean[0];

  @Override
  void grow(int groups) {
    sums = Arrays.copyOf(sums, groups);
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
      if (!values.nulls[i]) {
        sums[groupOf[i]] += numbers[i];
        seen[groupOf[i]] = true;
      }
    }
  }

  @Override
  void emit(int group, int part, Vector target, int row) {
    if (part > 0 || !seen[group]) {
      target.markNull(row);
    } else {
      ((DoubleVector) target).values[row] = sums[group];
    }
  }
}
