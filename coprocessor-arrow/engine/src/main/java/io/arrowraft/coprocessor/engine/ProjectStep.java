package io.arrowraft.coprocessor.engine;

import java.util.List;

/** Evaluates expressions for every row. */
final class ProjectStep extends Step {
  private final List<Evaluator> expressions;
  private final RowBatch result;

  ProjectStep(List<Evaluator> expressions, Step next) {
    super(next);
    this.expressions = expressions;
    result = new RowBatch(expressions.size());
  }

  @Override
  void accept(RowBatch batch) {
    for (int i = 0; i < expressions.size(); i++) {
      Vector vector = expressions.get(i).evaluate(batch);
      vector.raiseErrors(batch.count);
      result.columns[i] = vector;
    }
    result.count = batch.count;
    next.accept(result);
  }
}
