package io.arrowraft.coprocessor.engine;

import io.arrowraft.table.DataType;
import java.util.List;
import java.util.Optional;

/** Gathers rows until there are enough for a result batch. */
final class OutputStep extends Step {
  private final int rowsMax;
  private final int bytesMax;
  private final List<OutputColumn> columns;
  private final MemoryBudget budget;
  private int rows;
  private long accounted;
  // Rows that came with the last ones but belong to the next batch.
  private RowBatch rest;
  private int restFrom;
  private int restTo;

  OutputStep(List<DataType> types, int rowsMax, int bytesMax, MemoryBudget budget) {
    super(null);
    this.rowsMax = rowsMax;
    this.bytesMax = bytesMax;
    this.budget = budget;
    columns = types.stream().map(OutputColumn::new).toList();
  }

  @Override
  void accept(RowBatch batch) {
    if (rest != null) {
      throw new IllegalStateException("rows pushed while " + rows + " wait to be taken");
    }
    for (Vector vector : batch.columns) {
      if (vector != null) {
        vector.raiseErrors(batch.count);
      }
    }
    take(batch, 0, batch.count);
  }

  private void take(RowBatch batch, int from, int end) {
    int to = Math.min(end, from + rowsMax - rows);
    long bytes = 0;
    for (int c = 0; c < columns.size(); c++) {
      columns.get(c).append(batch.columns[c], from, to, rows);
      bytes += columns.get(c).capacityBytes();
    }
    rows += to - from;
    budget.take(Math.max(0, bytes - accounted));
    accounted = Math.max(bytes, accounted);
    rest = to < end ? batch : null;
    restFrom = to;
    // Kept apart: a limit sets the count of its batch back when this step returns.
    restTo = end;
  }

  /** Whether a batch should be taken before more rows are pushed. */
  boolean isFull() {
    if (rest != null || rows >= rowsMax) {
      return true;
    }
    long bytes = 0;
    for (OutputColumn column : columns) {
      bytes += column.dataBytes();
    }
    return bytes >= bytesMax;
  }

  /** Encodes the rows gathered so far; empty if there are none. */
  Optional<EncodedBatch> flush(BatchEncoder encoder) {
    if (rows == 0) {
      return Optional.empty();
    }
    EncodedBatch encoded = new EncodedBatch(encoder.encode(columns, rows), rows);
    columns.forEach(OutputColumn::clear);
    rows = 0;
    if (rest != null) {
      take(rest, restFrom, restTo);
    }
    return Optional.of(encoded);
  }

  @Override
  boolean satisfied() {
    return false;
  }
}
