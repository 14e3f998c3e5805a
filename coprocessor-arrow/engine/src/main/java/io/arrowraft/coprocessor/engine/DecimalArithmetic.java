package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.engine.EvaluationException.Code;
import io.arrowraft.coprocessor.plan.Operator;
import io.arrowraft.table.DataType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * {@code + - * / %} on decimals and integers, with the result type that the plan gives.
 *
 * <p>A batch whose values are narrow enough for no step to leave 64 bits, found out from the bits
 * that its largest value needs, is computed on longs; sums and products that need no rounding, in
 * 128 bits. Any other goes through {@link BigDecimal}, rounding where Spark's {@code Decimal} does:
 * a product to 38 digits, a quotient to 38 fractional digits, then either to the result's scale,
 * halves away from zero.
 */
final class DecimalArithmetic implements Evaluator {
  private static final MathContext CONTEXT =
      new MathContext(DataType.DECIMAL_PRECISION_MAX, RoundingMode.HALF_UP);
  private static final int LONG_BITS = 62;

  private final Operator operator;
  private final Evaluator left;
  private final Evaluator right;
  private final int leftScale;
  private final int rightScale;
  private final DataType.Decimal type;
  private final boolean ansi;
  private final LongVector result;

  DecimalArithmetic(
      Operator operator,
      Evaluator left,
      Evaluator right,
      int leftScale,
      int rightScale,
      DataType.Decimal type,
      boolean ansi) {
    this.operator = operator;
    this.left = left;
    this.right = right;
    this.leftScale = leftScale;
    this.rightScale = rightScale;
    this.type = type;
    this.ansi = ansi;
    result = new LongVector(type);
  }

  @Override
  public Vector evaluate(RowBatch batch) {
    int count = batch.count;
    LongVector a = (LongVector) left.evaluate(batch);
    LongVector b = (LongVector) right.evaluate(batch);
    StrictOperands.begin(result, a, b, count);
    if (!computeNarrow(a, b, count) && !computeWide(a, b, count)) {
      for (int i = 0; i < count; i++) {
        if (StrictOperands.needsValue(result, i)) {
          computeRow(a, b, i);
        } else {
          result.set(i, 0);
        }
      }
      result.narrowIfPossible(count);
    }
    StrictOperands.finish(result, count);
    return result;
  }

  /** Whether a number of so many bits times ten to the {@code exponent} stays within a long. */
  static boolean scalable(int bits, int exponent) {
    return exponent <= 18 && bits + bitsOf(exponent) <= LONG_BITS;
  }

  private static int bitsOf(int exponent) {
    return Long.SIZE - Long.numberOfLeadingZeros(Int128.power(exponent) - 1);
  }

  private boolean computeNarrow(LongVector a, LongVector b, int count) {
    if (a.wide || b.wide) {
      return false;
    }
    int aBits = a.magnitudeBits(count);
    int bBits = b.magnitudeBits(count);
    return switch (operator) {
      case ADD, SUBTRACT -> addNarrow(a.values, b.values, aBits, bBits, count);
      case MULTIPLY -> multiplyNarrow(a.values, b.values, aBits, bBits, count);
      default -> false;
    };
  }

  private boolean addNarrow(long[] x, long[] y, int xBits, int yBits, int count) {
    int scale = Math.max(leftScale, rightScale);
    int up = scale - leftScale;
    int down = scale - rightScale;
    if (!scalable(xBits, up) || !scalable(yBits, down)) {
      return false;
    }
    int bits = Math.max(xBits + bitsOf(up), yBits + bitsOf(down)) + 1;
    if (type.scale() > scale && !scalable(bits, type.scale() - scale)) {
      return false;
    }
    long xFactor = Int128.power(up);
    long yFactor = operator == Operator.ADD ? Int128.power(down) : -Int128.power(down);
    long[] out = result.values;
    if (xFactor == 1 && yFactor == 1) {
      for (int i = 0; i < count; i++) {
        out[i] = x[i] + y[i];
      }
    } else {
      for (int i = 0; i < count; i++) {
        out[i] = x[i] * xFactor + y[i] * yFactor;
      }
    }
    rescaleNarrow(out, scale, count);
    return true;
  }

  private boolean multiplyNarrow(long[] x, long[] y, int xBits, int yBits, int count) {
    int scale = leftScale + rightScale;
    int bits = xBits + yBits;
    if (bits > LONG_BITS
        || (type.scale() > scale && !scalable(bits, type.scale() - scale))
        || scale - type.scale() > 18) {
      return false;
    }
    long[] out = result.values;
    for (int i = 0; i < count; i++) {
      out[i] = x[i] * y[i];
    }
    rescaleNarrow(out, scale, count);
    return true;
  }

  /** Sums and products in 128 bits, where the result needs no other scale than the exact one. */
  private boolean computeWide(LongVector a, LongVector b, int count) {
    if (operator == Operator.MULTIPLY) {
      if (a.wide || b.wide || type.scale() != leftScale + rightScale) {
        return false;
      }
    } else if ((operator != Operator.ADD && operator != Operator.SUBTRACT)
        || leftScale != rightScale
        || type.scale() != leftScale) {
      return false;
    }
    BigInteger limit = Int128.bigPower(type.precision());
    long limitLow = limit.longValue();
    long limitHigh = limit.shiftRight(Long.SIZE).longValue();
    for (int i = 0; i < count; i++) {
      if (!StrictOperands.needsValue(result, i)) {
        result.set(i, 0);
        continue;
      }
      long x = a.values[i];
      long y = b.values[i];
      long low;
      long high;
      if (operator == Operator.MULTIPLY) {
        low = x * y;
        high = Math.multiplyHigh(x, y);
      } else {
        long xHigh = a.highAt(i);
        long yHigh = b.highAt(i);
        if (operator == Operator.ADD) {
          low = x + y;
          high = xHigh + yHigh + (Long.compareUnsigned(low, x) < 0 ? 1 : 0);
        } else {
          low = x - y;
          high = xHigh - yHigh - (Long.compareUnsigned(x, y) < 0 ? 1 : 0);
        }
      }
      // A sum that left 128 bits, at most twice 10^38, comes back beyond 10^38 as well.
      if (!within(low, high, limitLow, limitHigh)) {
        result.set(i, 0);
        markFailure(result, i, ansi, Code.NUMERIC_VALUE_OUT_OF_RANGE);
      } else {
        result.set(i, low, high);
      }
    }
    result.narrowIfPossible(count);
    return true;
  }

  /** Whether the magnitude is below the limit. */
  private static boolean within(long low, long high, long limitLow, long limitHigh) {
    if (high >= 0) {
      return Int128.compare(low, high, limitLow, limitHigh) < 0;
    }
    long opposite = -low;
    return Int128.compare(opposite, ~high + (low == 0 ? 1 : 0), limitLow, limitHigh) < 0;
  }

  private void rescaleNarrow(long[] out, int scale, int count) {
    if (type.scale() > scale) {
      long factor = Int128.power(type.scale() - scale);
      for (int i = 0; i < count; i++) {
        out[i] *= factor;
      }
    } else if (type.scale() < scale) {
      long divisor = Int128.power(scale - type.scale());
      for (int i = 0; i < count; i++) {
        out[i] = Int128.divideHalfUp(out[i], divisor);
      }
    }
    fitPrecision(result, type, count, ansi, Code.NUMERIC_VALUE_OUT_OF_RANGE);
  }

  /** Marks narrow values that have more digits than the type: an error, or NULL. */
  static void fitPrecision(
      LongVector vector, DataType.Decimal type, int count, boolean error, Code code) {
    if (!type.fitsLong()) {
      return;
    }
    long limit = Int128.power(type.precision());
    long[] values = vector.values;
    boolean beyond = false;
    for (int i = 0; i < count; i++) {
      beyond |= values[i] >= limit | values[i] <= -limit;
    }
    if (!beyond) {
      return;
    }
    for (int i = 0; i < count; i++) {
      if ((values[i] >= limit || values[i] <= -limit) && StrictOperands.needsValue(vector, i)) {
        markFailure(vector, i, error, code);
      }
    }
  }

  static void markFailure(LongVector vector, int row, boolean error, Code code) {
    if (error) {
      vector.markError(row, code);
    } else {
      vector.markNull(row);
    }
  }

  private void computeRow(LongVector a, LongVector b, int row) {
    BigDecimal x = Int128.toBigDecimal(a.values[row], a.highAt(row), leftScale);
    BigDecimal y = Int128.toBigDecimal(b.values[row], b.highAt(row), rightScale);
    if (y.signum() == 0 && (operator == Operator.DIVIDE || operator == Operator.REMAINDER)) {
      markFailure(result, row, ansi, Code.DIVIDE_BY_ZERO);
      return;
    }
    BigDecimal value;
    try {
      value =
          switch (operator) {
            case ADD -> x.add(y);
            case SUBTRACT -> x.subtract(y);
            case MULTIPLY -> x.multiply(y, CONTEXT);
            case DIVIDE -> x.divide(y, DataType.DECIMAL_PRECISION_MAX, RoundingMode.HALF_UP);
            default -> x.remainder(y, CONTEXT);
          };
    } catch (ArithmeticException e) {
      // A remainder whose integer quotient has more than 38 digits; Spark fails as well.
      result.markError(row, Code.NUMERIC_VALUE_OUT_OF_RANGE);
      return;
    }
    setRounded(result, type, row, value, ansi, Code.NUMERIC_VALUE_OUT_OF_RANGE);
  }

  /** Sets a row to a value rounded to the type's scale, or marks that it does not fit. */
  static void setRounded(
      LongVector vector,
      DataType.Decimal type,
      int row,
      BigDecimal value,
      boolean error,
      Code code) {
    BigDecimal rounded = value.setScale(type.scale(), RoundingMode.HALF_UP);
    if (rounded.precision() > type.precision()) {
      vector.set(row, 0);
      markFailure(vector, row, error, code);
    } else {
      vector.setBig(row, rounded.unscaledValue());
    }
  }
}
