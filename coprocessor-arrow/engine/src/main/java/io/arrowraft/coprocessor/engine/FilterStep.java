package io.arrowraft.coprocessor.engine;

import io.arrowraft.table.DataType;
import java.util.List;

/** A selection that is not directly above the scan. */
final class FilterStep extends Step {
  private final List<Evaluator> conditions;
  private final RowBatch[] stages;
  private final int[] kept = new int[RowBatch.ROWS_MAX];

  FilterStep(List<Evaluator> conditions, List<DataType> types, Step next) {
    super(next);
    this.conditions = conditions;
    stages = new RowBatch[conditions.size()];
    for (int s = 0; s < stages.length; s++) {
      stages[s] = new RowBatch(types.size());
      for (int c = 0; c < types.size(); c++) {
        stages[s].columns[c] = Vector.of(types.get(c));
      }
    }
  }

  @Override
  void accept(RowBatch batch) {
    RowBatch current = batch;
    for (int s = 0; s < stages.length && current.count > 0; s++) {
      int passed = Filters.passing(conditions.get(s).evaluate(current), current.count, kept);
      if (passed < current.count) {
        // Into vectors of this stage: those that came may belong to somebody else, or be shared.
        for (int c = 0; c < current.columns.length; c++) {
          stages[s].columns[c].gather(current.columns[c], kept, passed);
        }
        stages[s].count = passed;
        current = stages[s];
      }
    }
    if (current.count > 0) {
      next.accept(current);
    }
  }
}
