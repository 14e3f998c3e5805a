package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.engine.EvaluationException.Code;
import io.arrowraft.table.DataType;
import io.arrowraft.table.DataType.Kind;
import java.math.BigInteger;

/** Casts among numbers. Out of range is an error under ANSI; else it wraps, or is NULL. */
final class Cast implements Evaluator {
  private final Evaluator argument;
  private final DataType from;
  private final DataType to;
  private final int scale;
  private final boolean ansi;
  private final Vector result;

  Cast(Evaluator argument, DataType from, DataType to, boolean ansi) {
    this.argument = argument;
    this.from = from;
    this.to = to;
    this.ansi = ansi;
    scale = ExpressionCompiler.scaleOf(from);
    result = Vector.of(to);
  }

  @Override
  public Vector evaluate(RowBatch batch) {
    int count = batch.count;
    Vector value = argument.evaluate(batch);
    StrictOperands.begin(result, value, count);
    if (result instanceof DoubleVector doubles) {
      toDouble(value, doubles, count);
    } else if (to.kind() == Kind.DECIMAL) {
      toDecimal((LongVector) value, (LongVector) result, count);
    } else {
      toInteger((LongVector) value, (LongVector) result, count);
    }
    StrictOperands.finish(result, count);
    return result;
  }

  private void toDouble(Vector value, DoubleVector out, int count) {
    boolean single = to.kind() == Kind.FLOAT;
    if (value instanceof DoubleVector doubles) {
      System.arraycopy(doubles.values, 0, out.values, 0, count);
    } else if (from.isInteger()) {
      long[] values = ((LongVector) value).values;
      for (int i = 0; i < count; i++) {
        out.values[i] = single ? (float) values[i] : (double) values[i];
      }
    } else {
      LongVector decimals = (LongVector) value;
      for (int i = 0; i < count; i++) {
        var exact = Int128.toBigDecimal(decimals.values[i], decimals.highAt(i), scale);
        out.values[i] = single ? exact.floatValue() : exact.doubleValue();
      }
    }
  }

  private void toDecimal(LongVector value, LongVector out, int count) {
    DataType.Decimal type = (DataType.Decimal) to;
    Code code = Code.NUMERIC_VALUE_OUT_OF_RANGE;
    int up = type.scale() - scale;
    if (!value.wide && up >= 0 && DecimalArithmetic.scalable(value.magnitudeBits(count), up)) {
      long factor = Int128.power(up);
      for (int i = 0; i < count; i++) {
        out.values[i] = value.values[i] * factor;
      }
      DecimalArithmetic.fitPrecision(out, type, count, ansi, code);
      return;
    }
    if (!value.wide && up < 0 && up >= -18) {
      long divisor = Int128.power(-up);
      for (int i = 0; i < count; i++) {
        out.values[i] = Int128.divideHalfUp(value.values[i], divisor);
      }
      DecimalArithmetic.fitPrecision(out, type, count, ansi, code);
      return;
    }
    for (int i = 0; i < count; i++) {
      if (StrictOperands.needsValue(out, i)) {
        DecimalArithmetic.setRounded(
            out, type, i, Int128.toBigDecimal(value.values[i], value.highAt(i), scale), ansi, code);
      } else {
        out.set(i, 0);
      }
    }
    out.narrowIfPossible(count);
  }

  private void toInteger(LongVector value, LongVector out, int count) {
    if (!value.wide && scale <= 18) {
      long divisor = Int128.power(scale);
      for (int i = 0; i < count; i++) {
        out.values[i] = value.values[i] / divisor;
      }
    } else {
      for (int i = 0; i < count; i++) {
        BigInteger whole =
            Int128.toBigDecimal(value.values[i], value.highAt(i), scale).toBigInteger();
        out.values[i] = whole.longValue();
        if (whole.bitLength() >= Long.SIZE && ansi && StrictOperands.needsValue(out, i)) {
          out.markError(i, Code.CAST_OVERFLOW);
        }
      }
    }
    IntegerArithmetic.fitType(out, count, ansi, Code.CAST_OVERFLOW);
  }
}
