package io.arrowraft.coprocessor.engine;

import io.arrowraft.table.DataType;
import java.util.List;

/**
 * AND and OR of any number of arguments, three-valued. An argument behind one that decides the row
 * does not count, whatever error it had: Spark does not evaluate it.
 */
final class Logic implements Evaluator {
  private final List<Evaluator> arguments;
  // The value that decides: false for AND, true for OR.
  private final long decisive;
  private final LongVector result = new LongVector(DataType.BOOLEAN);

  Logic(List<Evaluator> arguments, boolean and) {
    this.arguments = arguments;
    this.decisive = and ? 0 : 1;
  }

  @Override
  public Vector evaluate(RowBatch batch) {
    int count = batch.count;
    result.reset(count);
    long neutral = 1 - decisive;
    for (int i = 0; i < count; i++) {
      result.values[i] = neutral;
    }
    for (Evaluator argument : arguments) {
      LongVector next = (LongVector) argument.evaluate(batch);
      if (next.hasNulls || next.hasErrors || result.hasNulls || result.hasErrors) {
        combineWithGaps(next, count);
      } else if (decisive == 0) {
        for (int i = 0; i < count; i++) {
          result.values[i] &= next.values[i];
        }
      } else {
        for (int i = 0; i < count; i++) {
          result.values[i] |= next.values[i];
        }
      }
    }
    return result;
  }

  private void combineWithGaps(LongVector next, int count) {
    boolean anyNull = false;
    for (int i = 0; i < count; i++) {
      boolean decided = !result.nulls[i] && result.values[i] == decisive;
      if (result.errorAt(i) == 0 && !decided) {
        if (next.errorAt(i) != 0) {
          result.nulls[i] = false;
          result.markError(i, Vector.codeOf(next.errorAt(i)));
        } else if (next.isNull(i)) {
          result.markNull(i);
        } else if (next.values[i] == decisive) {
          result.nulls[i] = false;
          result.values[i] = decisive;
        }
      }
      anyNull |= result.nulls[i];
    }
    result.hasNulls = anyNull;
  }

  static Evaluator not(Evaluator argument) {
    LongVector result = new LongVector(DataType.BOOLEAN);
    return batch -> {
      LongVector value = (LongVector) argument.evaluate(batch);
      StrictOperands.begin(result, value, batch.count);
      for (int i = 0; i < batch.count; i++) {
        result.values[i] = 1 - value.values[i];
      }
      StrictOperands.finish(result, batch.count);
      return result;
    };
  }

  static Evaluator isNull(Evaluator argument, boolean wanted) {
    LongVector result = new LongVector(DataType.BOOLEAN);
    return batch -> {
      Vector value = argument.evaluate(batch);
      result.reset(batch.count);
      for (int i = 0; i < batch.count; i++) {
        result.values[i] = value.nulls[i] == wanted ? 1 : 0;
        if (value.errorAt(i) != 0) {
          result.markError(i, Vector.codeOf(value.errorAt(i)));
        }
      }
      return result;
    };
  }
}
