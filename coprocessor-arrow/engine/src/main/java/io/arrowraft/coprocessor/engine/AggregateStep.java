package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.plan.AggregateCall;
import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.PlanNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Partial hash aggregation. Keys become words of fixed width ({@link KeyColumn}), words become
 * group numbers ({@link GroupTable}), and each aggregate adds its column up by group number.
 */
final class AggregateStep extends Step {
  private final List<Evaluator> keyEvaluators;
  private final List<Evaluator> argumentEvaluators = new ArrayList<>();
  private final List<KeyColumn> keyColumns = new ArrayList<>();
  private final List<Accumulator> accumulators = new ArrayList<>();
  private final GroupTable table;
  private final MemoryBudget budget;
  // Behind the words of the keys: bits that tell which of them are NULL.
  private final int nullWordsAt;
  private final int width;
  private final long[] words;
  private final int[] groupOf = new int[RowBatch.ROWS_MAX];
  private final RowBatch result;
  private int capacity;
  private int drainedGroup;
  private int drainedPart;

  AggregateStep(
      PlanNode.PartialAggregation node,
      ExpressionCompiler compiler,
      int groupsMax,
      MemoryBudget budget,
      Step next) {
    super(next);
    this.budget = budget;
    keyEvaluators = compiler.compileAll(node.groupBy());
    int keyWords = 0;
    for (Expression key : node.groupBy()) {
      KeyColumn column = new KeyColumn(key.type(), budget);
      keyColumns.add(column);
      keyWords += column.words();
    }
    nullWordsAt = keyWords;
    width = keyWords + (keyColumns.size() + Long.SIZE - 1) / Long.SIZE;
    words = new long[width * RowBatch.ROWS_MAX];
    table = new GroupTable(width, groupsMax, budget);
    result = new RowBatch(node.groupBy().size() + node.aggregates().size());
    int column = 0;
    for (Expression key : node.groupBy()) {
      result.columns[column++] = Vector.of(key.type());
    }
    for (AggregateCall aggregate : node.aggregates()) {
      accumulators.add(Accumulator.of(aggregate, budget));
      argumentEvaluators.add(aggregate.argument().map(compiler::compile).orElse(null));
      result.columns[column++] = Vector.of(aggregate.type());
    }
    if (keyColumns.isEmpty()) {
      // One group that is there without any row: a COUNT over nothing is 0.
      growTo(1);
    }
  }

  @Override
  void accept(RowBatch batch) {
    int count = batch.count;
    if (!keyColumns.isEmpty()) {
      numberGroups(batch, count);
    }
    for (int a = 0; a < accumulators.size(); a++) {
      Evaluator argument = argumentEvaluators.get(a);
      Vector values = argument == null ? null : argument.evaluate(batch);
      if (values != null) {
        values.raiseErrors(count);
      }
      accumulators.get(a).add(values, groupOf, count);
    }
  }

  private void numberGroups(RowBatch batch, int count) {
    for (int i = 0; i < count; i++) {
      Arrays.fill(words, i * width + nullWordsAt, (i + 1) * width, 0);
    }
    int at = 0;
    for (int k = 0; k < keyColumns.size(); k++) {
      Vector key = keyEvaluators.get(k).evaluate(batch);
      key.raiseErrors(count);
      keyColumns.get(k).encode(key, count, words, at, width);
      if (key.hasNulls) {
        int nullWord = nullWordsAt + k / Long.SIZE;
        for (int i = 0; i < count; i++) {
          if (key.nulls[i]) {
            words[i * width + nullWord] |= 1L << k;
          }
        }
      }
      at += keyColumns.get(k).words();
    }
    table.find(words, count, groupOf);
    if (table.groups() > capacity) {
      growTo(table.groups());
    }
  }

  private void growTo(int groups) {
    int newCapacity = Math.max(groups, Math.max(64, capacity * 2));
    long bytes = 0;
    for (Accumulator accumulator : accumulators) {
      bytes += (long) accumulator.bytesPerGroup() * (newCapacity - capacity);
    }
    budget.take(bytes);
    accumulators.forEach(accumulator -> accumulator.grow(newCapacity));
    capacity = newCapacity;
  }

  private int groups() {
    return keyColumns.isEmpty() ? 1 : table.groups();
  }

  @Override
  boolean drain() {
    for (Vector vector : result.columns) {
      vector.reset(RowBatch.ROWS_MAX);
    }
    int row = 0;
    while (row < RowBatch.ROWS_MAX && drainedGroup < groups()) {
      emit(drainedGroup, drainedPart, row);
      row++;
      drainedPart++;
      if (drainedPart >= parts(drainedGroup)) {
        drainedGroup++;
        drainedPart = 0;
      }
    }
    if (row > 0) {
      result.count = row;
      next.accept(result);
    }
    return drainedGroup < groups();
  }

  private int parts(int group) {
    int parts = 1;
    for (Accumulator accumulator : accumulators) {
      parts = Math.max(parts, accumulator.parts(group));
    }
    return parts;
  }

  private void emit(int group, int part, int row) {
    int at = group * width;
    for (int k = 0; k < keyColumns.size(); k++) {
      long nulls = table.keys()[group * width + nullWordsAt + k / Long.SIZE];
      if ((nulls >>> k & 1) != 0) {
        result.columns[k].markNull(row);
      } else {
        keyColumns.get(k).decode(table.keys(), at, result.columns[k], row);
      }
      at += keyColumns.get(k).words();
    }
    for (int a = 0; a < accumulators.size(); a++) {
      accumulators.get(a).emit(group, part, result.columns[keyColumns.size() + a], row);
    }
  }
}
