package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.plan.Operator;
import io.arrowraft.table.DataType;

/** STARTS_WITH, ENDS_WITH and CONTAINS by bytes, which for UTF-8 is by characters too. */
final class StringMatch implements Evaluator {
  private final Operator operator;
  private final Evaluator text;
  private final Evaluator part;
  private final LongVector result = new LongVector(DataType.BOOLEAN);

  StringMatch(Operator operator, Evaluator text, Evaluator part) {
    this.operator = operator;
    this.text = text;
    this.part = part;
  }

  @Override
  public Vector evaluate(RowBatch batch) {
    int count = batch.count;
    BytesVector a = (BytesVector) text.evaluate(batch);
    BytesVector b = (BytesVector) part.evaluate(batch);
    StrictOperands.begin(result, a, b, count);
    for (int i = 0; i < count; i++) {
      int slack = a.lengths[i] - b.lengths[i];
      boolean found =
          slack >= 0
              && switch (operator) {
                case STARTS_WITH -> sameAt(a, b, i, 0);
                case ENDS_WITH -> sameAt(a, b, i, slack);
                default -> contains(a, b, i, slack);
              };
      result.values[i] = found ? 1 : 0;
    }
    StrictOperands.finish(result, count);
    return result;
  }

  private static boolean sameAt(BytesVector a, BytesVector b, int row, int shift) {
    return BytesVector.same(a.data, a.starts[row] + shift, b.data, b.starts[row], b.lengths[row]);
  }

  private static boolean contains(BytesVector a, BytesVector b, int row, int slack) {
    for (int shift = 0; shift <= slack; shift++) {
      if (sameAt(a, b, row, shift)) {
        return true;
      }
    }
    return false;
  }
}
