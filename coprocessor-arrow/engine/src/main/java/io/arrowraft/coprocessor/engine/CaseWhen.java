package io.arrowraft.coprocessor.engine;

import io.arrowraft.table.DataType;
import java.util.List;

/**
 * CASE and IF: the value behind the first true condition. Errors of conditions and values that a
 * row does not come to are left aside.
 */
final class CaseWhen implements Evaluator {
  private final List<Evaluator> arguments;
  private final Vector[] parts;
  private final Vector result;

  /**
   * @param arguments condition, value, ..., and a last value where there is an "else"
   */
  CaseWhen(List<Evaluator> arguments, DataType type) {
    this.arguments = arguments;
    parts = new Vector[arguments.size()];
    result = Vector.of(type);
  }

  @Override
  public Vector evaluate(RowBatch batch) {
    for (int i = 0; i < parts.length; i++) {
      parts[i] = arguments.get(i).evaluate(batch);
    }
    result.reset(batch.count);
    for (int row = 0; row < batch.count; row++) {
      choose(row);
    }
    return result;
  }

  private void choose(int row) {
    int i = 0;
    for (; i + 1 < parts.length; i += 2) {
      LongVector condition = (LongVector) parts[i];
      if (condition.errorAt(row) != 0) {
        result.markError(row, Vector.codeOf(condition.errorAt(row)));
        return;
      }
      if (!condition.isNull(row) && condition.values[row] != 0) {
        result.copyRow(row, parts[i + 1], row);
        return;
      }
    }
    if (i < parts.length) {
      result.copyRow(row, parts[i], row);
    } else {
      result.markNull(row);
    }
  }
}
