package io.arrowraft.coprocessor.engine;

import io.arrowraft.table.DataType;
import java.util.Arrays;

/** FLOAT and DOUBLE; a FLOAT is kept as the double of the same value. */
final class DoubleVector extends Vector {
  double[] values = new double[0];

  DoubleVector(DataType type) {
    super(type);
  }

  /** Spark's order: NaN equals NaN and is above all else, -0.0 equals 0.0. */
  static int compare(double a, double b) {
    if (a < b) {
      return -1;
    }
    if (a > b) {
      return 1;
    }
    if (a == b) {
      return 0;
    }
    return Boolean.compare(Double.isNaN(a), Double.isNaN(b));
  }

  /** Equal bits for values that are equal as keys. */
  static long keyBits(double value) {
    return Double.doubleToLongBits(value == 0.0 ? 0.0 : value);
  }

  @Override
  void allocate(int capacity) {
    values = new double[capacity];
  }

  @Override
  void reallocate(int capacity) {
    values = Arrays.copyOf(values, capacity);
  }

  @Override
  void resetValues() {}

  @Override
  void clearValue(int row) {
    values[row] = 0;
  }

  @Override
  void copyValue(int row, Vector source, int from) {
    values[row] = ((DoubleVector) source).values[from];
  }

  @Override
  void gatherValues(Vector source, int[] positions, int count) {
    double[] from = ((DoubleVector) source).values;
    for (int i = 0; i < count; i++) {
      values[i] = from[positions[i]];
    }
  }

  @Override
  void keepValues(int[] positions, int count) {
    for (int i = 0; i < count; i++) {
      values[i] = values[positions[i]];
    }
  }

  @Override
  int bytesPerRow() {
    return 1 + Double.BYTES;
  }
}
