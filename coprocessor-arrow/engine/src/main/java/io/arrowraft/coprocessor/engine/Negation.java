package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.engine.EvaluationException.Code;
import io.arrowraft.table.DataType;

/** Unary minus. Only the least integer of a type has no opposite. */
final class Negation implements Evaluator {
  private final Evaluator argument;
  private final boolean ansi;
  private final Vector result;

  Negation(Evaluator argument, DataType type, boolean ansi) {
    this.argument = argument;
    this.ansi = ansi;
    result = Vector.of(type);
  }

  @Override
  public Vector evaluate(RowBatch batch) {
    int count = batch.count;
    Vector value = argument.evaluate(batch);
    StrictOperands.begin(result, value, count);
    if (value instanceof DoubleVector doubles) {
      double[] out = ((DoubleVector) result).values;
      for (int i = 0; i < count; i++) {
        out[i] = -doubles.values[i];
      }
    } else {
      negate((LongVector) value, (LongVector) result, count);
    }
    StrictOperands.finish(result, count);
    return result;
  }

  private void negate(LongVector value, LongVector out, int count) {
    if (value.wide || (out.type.kind() == DataType.Kind.DECIMAL && holdsLeast(value, count))) {
      for (int i = 0; i < count; i++) {
        out.setBig(i, value.bigAt(i).negate());
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      out.values[i] = -value.values[i];
    }
    if (out.type.isInteger()) {
      if (out.type.kind() == DataType.Kind.BIGINT && ansi) {
        for (int i = 0; i < count; i++) {
          if (value.values[i] == Long.MIN_VALUE) {
            out.markError(i, Code.ARITHMETIC_OVERFLOW);
          }
        }
      }
      IntegerArithmetic.fitType(out, count, ansi, Code.ARITHMETIC_OVERFLOW);
    }
  }

  private static boolean holdsLeast(LongVector value, int count) {
    for (int i = 0; i < count; i++) {
      if (value.values[i] == Long.MIN_VALUE) {
        return true;
      }
    }
    return false;
  }
}
