package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.engine.EvaluationException.Code;
import io.arrowraft.coprocessor.plan.Operator;
import io.arrowraft.table.DataType;

/** {@code + - * %} on integers. Overflow is an error under ANSI and wraps otherwise. */
final class IntegerArithmetic implements Evaluator {
  private final Operator operator;
  private final Evaluator left;
  private final Evaluator right;
  private final boolean ansi;
  private final LongVector result;

  IntegerArithmetic(
      Operator operator, Evaluator left, Evaluator right, DataType type, boolean ansi) {
    this.operator = operator;
    this.left = left;
    this.right = right;
    this.ansi = ansi;
    result = new LongVector(type);
  }

  @Override
  public Vector evaluate(RowBatch batch) {
    int count = batch.count;
    LongVector a = (LongVector) left.evaluate(batch);
    LongVector b = (LongVector) right.evaluate(batch);
    StrictOperands.begin(result, a, b, count);
    long[] x = a.values;
    long[] y = b.values;
    long[] out = result.values;
    // The sign bit is set where a 64-bit operation overflowed.
    long overflow = 0;
    switch (operator) {
      case ADD -> {
        for (int i = 0; i < count; i++) {
          long sum = x[i] + y[i];
          overflow |= (x[i] ^ sum) & (y[i] ^ sum);
          out[i] = sum;
        }
      }
      case SUBTRACT -> {
        for (int i = 0; i < count; i++) {
          long difference = x[i] - y[i];
          overflow |= (x[i] ^ y[i]) & (x[i] ^ difference);
          out[i] = difference;
        }
      }
      case MULTIPLY -> {
        for (int i = 0; i < count; i++) {
          long product = x[i] * y[i];
          overflow |= Math.multiplyHigh(x[i], y[i]) == product >> 63 ? 0 : Long.MIN_VALUE;
          out[i] = product;
        }
      }
      default -> remainders(x, y, count);
    }
    if (overflow < 0 && ansi) {
      markOverflows(x, y, count);
    }
    fitType(result, count, ansi, Code.ARITHMETIC_OVERFLOW);
    StrictOperands.finish(result, count);
    return result;
  }

  private void remainders(long[] x, long[] y, int count) {
    for (int i = 0; i < count; i++) {
      if (y[i] != 0) {
        result.values[i] = x[i] % y[i];
      } else if (StrictOperands.needsValue(result, i)) {
        if (ansi) {
          result.markError(i, Code.DIVIDE_BY_ZERO);
        } else {
          result.markNull(i);
        }
      }
    }
  }

  private void markOverflows(long[] x, long[] y, int count) {
    for (int i = 0; i < count; i++) {
      long r = result.values[i];
      boolean overflow =
          switch (operator) {
            case ADD -> ((x[i] ^ r) & (y[i] ^ r)) < 0;
            case SUBTRACT -> ((x[i] ^ y[i]) & (x[i] ^ r)) < 0;
            default -> Math.multiplyHigh(x[i], y[i]) != r >> 63;
          };
      if (overflow && StrictOperands.needsValue(result, i)) {
        result.markError(i, Code.ARITHMETIC_OVERFLOW);
      }
    }
  }

  /** Brings 64-bit values into a shorter type: an error or wrapped. */
  static void fitType(LongVector vector, int count, boolean error, Code code) {
    int shift =
        switch (vector.type.kind()) {
          case TINYINT -> 56;
          case SMALLINT -> 48;
          case INTEGER -> 32;
          default -> 0;
        };
    if (shift == 0) {
      return;
    }
    for (int i = 0; i < count; i++) {
      long fitted = vector.values[i] << shift >> shift;
      if (fitted != vector.values[i] && error && StrictOperands.needsValue(vector, i)) {
        vector.markError(i, code);
      } else {
        vector.values[i] = fitted;
      }
    }
  }
}
