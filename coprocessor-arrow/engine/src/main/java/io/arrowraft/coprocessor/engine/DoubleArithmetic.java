package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.engine.EvaluationException.Code;
import io.arrowraft.coprocessor.plan.Operator;
import io.arrowraft.table.DataType;

/**
 * {@code + - * / %} on FLOAT and DOUBLE. Computing FLOAT in double and rounding once gives the bits
 * of FLOAT arithmetic, since a double has more than twice its digits.
 */
final class DoubleArithmetic implements Evaluator {
  private final Operator operator;
  private final Evaluator left;
  private final Evaluator right;
  private final boolean ansi;
  private final DoubleVector result;

  DoubleArithmetic(
      Operator operator, Evaluator left, Evaluator right, DataType type, boolean ansi) {
    this.operator = operator;
    this.left = left;
    this.right = right;
    this.ansi = ansi;
    result = new DoubleVector(type);
  }

  @Override
  public Vector evaluate(RowBatch batch) {
    int count = batch.count;
    DoubleVector a = (DoubleVector) left.evaluate(batch);
    DoubleVector b = (DoubleVector) right.evaluate(batch);
    StrictOperands.begin(result, a, b, count);
    double[] x = a.values;
    double[] y = b.values;
    double[] out = result.values;
    for (int i = 0; i < count; i++) {
      out[i] =
          switch (operator) {
            case ADD -> x[i] + y[i];
            case SUBTRACT -> x[i] - y[i];
            case MULTIPLY -> x[i] * y[i];
            case DIVIDE -> x[i] / y[i];
            default -> x[i] % y[i];
          };
    }
    if (operator == Operator.DIVIDE || operator == Operator.REMAINDER) {
      markZeroDivisors(y, count);
    }
    if (result.type.kind() == DataType.Kind.FLOAT) {
      for (int i = 0; i < count; i++) {
        out[i] = (float) out[i];
      }
    }
    StrictOperands.finish(result, count);
    return result;
  }

  private void markZeroDivisors(double[] divisors, int count) {
    for (int i = 0; i < count; i++) {
      if (divisors[i] == 0 && StrictOperands.needsValue(result, i)) {
        if (ansi) {
          result.markError(i, Code.DIVIDE_BY_ZERO);
        } else {
          result.markNull(i);
        }
      }
    }
  }
}
