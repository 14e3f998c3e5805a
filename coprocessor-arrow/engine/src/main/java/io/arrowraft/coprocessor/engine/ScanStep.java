package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.PlanNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Decodes rows, and filters while it does: a column is decoded only for the rows that the
 * conditions before it let pass, and columns that no later step reads are not decoded at all.
 */
final class ScanStep {
  private final ColumnDecoder[] decoders;
  private final List<Filter> filters = new ArrayList<>();
  private final int[] laterColumns;
  private final RawRows rows;
  private final boolean readsValues;
  private final Vector[] owned;
  private final boolean[] decoded;
  private final RowBatch batch;
  private final int[] alive = new int[RowBatch.ROWS_MAX];
  private final int[] kept = new int[RowBatch.ROWS_MAX];

  private record Filter(Evaluator condition, int[] columns) {}

  /**
   * @param conditions those of the selections directly above the scan, in order
   * @param neededLater for each column whether a step above the selections reads it
   */
  ScanStep(
      PlanNode.TableScan scan,
      List<Expression> conditions,
      boolean[] neededLater,
      ExpressionCompiler compiler) {
    int width = scan.columns().size();
    decoders = new ColumnDecoder[width];
    owned = new Vector[width];
    decoded = new boolean[width];
    batch = new RowBatch(width);
    long[] ids = new long[width];
    for (int i = 0; i < width; i++) {
      ids[i] = scan.columns().get(i).columnId();
      decoders[i] = new ColumnDecoder(scan.columns().get(i), i);
      owned[i] = Vector.of(scan.columns().get(i).type());
    }
    rows = new RawRows(ids);
    boolean[] used = neededLater.clone();
    for (Expression condition : conditions) {
      int[] columns = columnsOf(condition);
      for (int column : columns) {
        used[column] = true;
      }
      filters.add(new Filter(compiler.compile(condition), columns));
    }
    laterColumns = positions(neededLater);
    boolean values = false;
    for (int column : positions(used)) {
      values |= decoders[column].readsValue();
    }
    readsValues = values;
  }

  private static int[] positions(boolean[] flags) {
    return IntStream.range(0, flags.length).filter(i -> flags[i]).toArray();
  }

  static int[] columnsOf(Expression expression) {
    TreeSet<Integer> columns = new TreeSet<>();
    collect(expression, columns);
    return columns.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void collect(Expression expression, TreeSet<Integer> columns) {
    if (expression instanceof Expression.ColumnReference column) {
      columns.add(column.index());
    } else if (expression instanceof Expression.Call call) {
      call.arguments().forEach(argument -> collect(argument, columns));
    }
  }

  /** Decodes the rows of {@code source} that pass; good until the source is filled again. */
  RowBatch decode(KeyValueBatch source) {
    int count = source.rows();
    rows.show(source, readsValues);
    for (int i = 0; i < count; i++) {
      alive[i] = i;
    }
    Arrays.fill(decoded, false);
    for (int f = 0; f < filters.size() && count > 0; f++) {
      Filter filter = filters.get(f);
      decodeColumns(filter.columns(), count);
      batch.count = count;
      Vector result = filter.condition().evaluate(batch);
      int passed = Filters.passing(result, count, kept);
      if (passed < count) {
        keep(passed);
        count = passed;
      }
    }
    decodeColumns(laterColumns, count);
    batch.count = count;
    return batch;
  }

  private void decodeColumns(int[] columns, int count) {
    for (int column : columns) {
      if (!decoded[column]) {
        decoders[column].decode(rows, alive, count, owned[column]);
        batch.columns[column] = owned[column];
        decoded[column] = true;
      }
    }
  }

  /** Drops the rows that did not pass from what has been decoded so far. */
  private void keep(int passed) {
    for (int i = 0; i < passed; i++) {
      alive[i] = alive[kept[i]];
    }
    for (int column = 0; column < decoded.length; column++) {
      if (decoded[column]) {
        owned[column].keep(kept, passed);
      }
    }
  }
}
