package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.plan.Operator;
import io.arrowraft.table.DataType;
import java.math.BigDecimal;

/** {@code = <> < <= > >= <=>} on values of one kind; decimals may differ in scale. */
final class Comparison implements Evaluator {
  private final Operator operator;
  private final Evaluator left;
  private final Evaluator right;
  private final int leftScale;
  private final int rightScale;
  private final LongVector result = new LongVector(DataType.BOOLEAN);
  // Signs of left against right, between the two halves of a kernel.
  private final byte[] signs = new byte[RowBatch.ROWS_MAX];

  Comparison(Operator operator, Evaluator left, Evaluator right, int leftScale, int rightScale) {
    this.operator = operator;
    this.left = left;
    this.right = right;
    this.leftScale = leftScale;
    this.rightScale = rightScale;
  }

  @Override
  public Vector evaluate(RowBatch batch) {
    int count = batch.count;
    Vector a = left.evaluate(batch);
    Vector b = right.evaluate(batch);
    if (operator == Operator.NULL_SAFE_EQUAL) {
      nullSafeEqual(a, b, count);
      return result;
    }
    StrictOperands.begin(result, a, b, count);
    compare(a, b, count);
    StrictOperands.finish(result, count);
    return result;
  }

  private void compare(Vector a, Vector b, int count) {
    if (a instanceof LongVector x && b instanceof LongVector y) {
      if (leftScale == rightScale && !x.wide && !y.wide) {
        compareLongs(x.values, y.values, count);
        return;
      }
      signsOfDecimals(x, y, count);
    } else if (a instanceof DoubleVector x && b instanceof DoubleVector y) {
      for (int i = 0; i < count; i++) {
        signs[i] = (byte) DoubleVector.compare(x.values[i], y.values[i]);
      }
    } else {
      BytesVector x = (BytesVector) a;
      BytesVector y = (BytesVector) b;
      if (operator == Operator.EQUAL || operator == Operator.NOT_EQUAL) {
        signsOfEquality(x, y, count);
      } else {
        for (int i = 0; i < count; i++) {
          signs[i] = (byte) Integer.signum(BytesVector.compare(x, i, y, i));
        }
      }
    }
    fromSigns(result.values, count);
  }

  private void compareLongs(long[] x, long[] y, int count) {
    long[] out = result.values;
    switch (operator) {
      case EQUAL, NULL_SAFE_EQUAL -> {
        for (int i = 0; i < count; i++) {
          out[i] = x[i] == y[i] ? 1 : 0;
        }
      }
      case NOT_EQUAL -> {
        for (int i = 0; i < count; i++) {
          out[i] = x[i] != y[i] ? 1 : 0;
        }
      }
      case LESS -> {
        for (int i = 0; i < count; i++) {
          out[i] = x[i] < y[i] ? 1 : 0;
        }
      }
      case LESS_OR_EQUAL -> {
        for (int i = 0; i < count; i++) {
          out[i] = x[i] <= y[i] ? 1 : 0;
        }
      }
      case GREATER -> {
        for (int i = 0; i < count; i++) {
          out[i] = x[i] > y[i] ? 1 : 0;
        }
      }
      default -> {
        for (int i = 0; i < count; i++) {
          out[i] = x[i] >= y[i] ? 1 : 0;
        }
      }
    }
  }

  private void signsOfDecimals(LongVector x, LongVector y, int count) {
    int scale = Math.max(leftScale, rightScale);
    int up = scale - leftScale;
    int down = scale - rightScale;
    boolean narrow =
        !x.wide
            && !y.wide
            && DecimalArithmetic.scalable(x.magnitudeBits(count), up)
            && DecimalArithmetic.scalable(y.magnitudeBits(count), down);
    if (narrow) {
      long xFactor = Int128.power(up);
      long yFactor = Int128.power(down);
      for (int i = 0; i < count; i++) {
        signs[i] = (byte) Long.compare(x.values[i] * xFactor, y.values[i] * yFactor);
      }
    } else if (leftScale == rightScale) {
      for (int i = 0; i < count; i++) {
        signs[i] = (byte) Int128.compare(x.values[i], x.highAt(i), y.values[i], y.highAt(i));
      }
    } else {
      for (int i = 0; i < count; i++) {
        BigDecimal a = Int128.toBigDecimal(x.values[i], x.highAt(i), leftScale);
        signs[i] = (byte) a.compareTo(Int128.toBigDecimal(y.values[i], y.highAt(i), rightScale));
      }
    }
  }

  private void signsOfEquality(BytesVector x, BytesVector y, int count) {
    for (int i = 0; i < count; i++) {
      boolean same =
          x.lengths[i] == y.lengths[i]
              && BytesVector.same(x.data, x.starts[i], y.data, y.starts[i], x.lengths[i]);
      signs[i] = (byte) (same ? 0 : 1);
    }
  }

  private void fromSigns(long[] out, int count) {
    // A bit for each of the signs -1, 0, 1 that make the operator true.
    int truth =
        switch (operator) {
          case EQUAL, NULL_SAFE_EQUAL -> 0b010;
          case NOT_EQUAL -> 0b101;
          case LESS -> 0b001;
          case LESS_OR_EQUAL -> 0b011;
          case GREATER -> 0b100;
          default -> 0b110;
        };
    for (int i = 0; i < count; i++) {
      out[i] = truth >> (signs[i] + 1) & 1;
    }
  }

  private void nullSafeEqual(Vector a, Vector b, int count) {
    result.reset(count);
    compare(a, b, count);
    for (int i = 0; i < count; i++) {
      int error = a.errorAt(i) != 0 ? a.errorAt(i) : b.errorAt(i);
      if (error != 0) {
        result.markError(i, Vector.codeOf(error));
      } else if (a.isNull(i) || b.isNull(i)) {
        result.values[i] = a.isNull(i) && b.isNull(i) ? 1 : 0;
      }
    }
  }
}
