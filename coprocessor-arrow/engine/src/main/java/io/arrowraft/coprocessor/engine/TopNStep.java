package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.plan.SortKey;
import io.arrowraft.table.DataType;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Keeps the first rows of an order. Rows gather in a store of twice the size that is wanted; when
 * it is full it is sorted and the second half dropped.
 */
final class TopNStep extends Step {
  private final List<SortKey> keys;
  private final List<Evaluator> keyEvaluators;
  private final int wanted;
  private final MemoryBudget budget;
  private Vector[] rows;
  private Vector[] keyRows;
  private int count;
  // Whether rows [0, wanted) are the best so far, in order: then the last of them is the bar.
  private boolean hasBound;
  private long accounted;
  private final int capacity;
  private int[] drainOrder;
  private int drained;
  private final RowBatch result;

  TopNStep(
      List<SortKey> keys,
      List<Evaluator> keyEvaluators,
      int wanted,
      List<DataType> types,
      MemoryBudget budget,
      Step next) {
    super(next);
    this.keys = keys;
    this.keyEvaluators = keyEvaluators;
    this.wanted = wanted;
    this.budget = budget;
    capacity = Math.max(2 * wanted, RowBatch.ROWS_MAX);
    rows = vectors(types);
    keyRows = vectors(keys.stream().map(key -> key.expression().type()).toList());
    result = new RowBatch(types.size());
    for (int i = 0; i < types.size(); i++) {
      result.columns[i] = Vector.of(types.get(i));
    }
  }

  private static Vector[] vectors(List<DataType> types) {
    return types.stream().map(Vector::of).toArray(Vector[]::new);
  }

  @Override
  void accept(RowBatch batch) {
    if (wanted == 0) {
      return;
    }
    Vector[] batchKeys = new Vector[keys.size()];
    for (int k = 0; k < batchKeys.length; k++) {
      batchKeys[k] = keyEvaluators.get(k).evaluate(batch);
      batchKeys[k].raiseErrors(batch.count);
    }
    for (int row = 0; row < batch.count; row++) {
      if (hasBound && compare(batchKeys, row, keyRows, wanted - 1) >= 0) {
        continue;
      }
      append(rows, batch.columns, row);
      append(keyRows, batchKeys, row);
      count++;
      if (count == capacity) {
        shrink();
      }
    }
    account();
  }

  private void append(Vector[] targets, Vector[] sources, int row) {
    for (int c = 0; c < targets.length; c++) {
      targets[c].reserve(count + 1);
      targets[c].copyRow(count, sources[c], row);
    }
  }

  private void account() {
    long bytes = 0;
    for (Vector[] vectors : new Vector[][] {rows, keyRows}) {
      for (Vector vector : vectors) {
        bytes += (long) vector.bytesPerRow() * vector.nulls.length;
        bytes += vector instanceof BytesVector text ? text.ownBytes() : 0;
      }
    }
    budget.take(Math.max(0, bytes - accounted));
    accounted = Math.max(bytes, accounted);
  }

  /** Keeps the first {@link #wanted} rows of the order. */
  private void shrink() {
    int[] order = sorted();
    int kept = Math.min(wanted, count);
    rows = taken(rows, order, kept);
    keyRows = taken(keyRows, order, kept);
    count = kept;
    hasBound = kept == wanted;
  }

  private static Vector[] taken(Vector[] vectors, int[] order, int kept) {
    Vector[] result = new Vector[vectors.length];
    for (int c = 0; c < vectors.length; c++) {
      result[c] = Vector.of(vectors[c].type);
      result[c].reserve(kept);
      for (int i = 0; i < kept; i++) {
        result[c].copyRow(i, vectors[c], order[i]);
      }
    }
    return result;
  }

  private int[] sorted() {
    Integer[] order = new Integer[count];
    Arrays.setAll(order, i -> i);
    Comparator<Integer> comparator = (a, b) -> compare(keyRows, a, keyRows, b);
    Arrays.sort(order, comparator);
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }

  private int compare(Vector[] left, int a, Vector[] right, int b) {
    for (int k = 0; k < left.length; k++) {
      int sign = compareKey(keys.get(k), left[k], a, right[k], b);
      if (sign != 0) {
        return sign;
      }
    }
    return 0;
  }

  private static int compareKey(SortKey key, Vector left, int a, Vector right, int b) {
    boolean aNull = left.isNull(a);
    boolean bNull = right.isNull(b);
    if (aNull || bNull) {
      if (aNull == bNull) {
        return 0;
      }
      return aNull == key.nullsFirst() ? -1 : 1;
    }
    int sign;
    if (left instanceof LongVector x && right instanceof LongVector y) {
      sign = Int128.compare(x.values[a], x.highAt(a), y.values[b], y.highAt(b));
    } else if (left instanceof DoubleVector x && right instanceof DoubleVector y) {
      sign = DoubleVector.compare(x.values[a], y.values[b]);
    } else {
      sign = BytesVector.compare((BytesVector) left, a, (BytesVector) right, b);
    }
    return key.descending() ? -Integer.signum(sign) : sign;
  }

  @Override
  boolean drain() {
    if (drainOrder == null) {
      shrink();
      drainOrder = sorted();
    }
    int batch = Math.min(RowBatch.ROWS_MAX, count - drained);
    if (batch > 0) {
      int[] positions = Arrays.copyOfRange(drainOrder, drained, drained + batch);
      for (int c = 0; c < rows.length; c++) {
        result.columns[c].gather(rows[c], positions, batch);
      }
      result.count = batch;
      drained += batch;
      next.accept(result);
    }
    return drained < count;
  }

  @Override
  boolean satisfied() {
    return wanted == 0 || super.satisfied();
  }
}
