package io.arrowraft.spark.read;

import io.arrowraft.coprocessor.read.ReadBatch;
import io.arrowraft.coprocessor.read.ReadStatistics;
import io.arrowraft.coprocessor.read.TableReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.vectorized.ArrowColumnVector;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.util.TaskCompletionListener;

/** Hands a task's batches to Spark as they came from the stores, with no row step. */
public final class TikvColumnarReader implements PartitionReader<ColumnarBatch> {
  private final TableReader reader;
  private List<FieldVector> wrapped = List.of();
  private ColumnVector[] columns = new ColumnVector[0];
  private ColumnarBatch batch;
  private boolean closed;

  public TikvColumnarReader(BatchSource source, ReadTask task) {
    this.reader = source.open(task);
    TaskContext context = TaskContext.get();
    if (context != null) {
      // Operators above may hold the last batch until their task ends, however it ends.
      context.addTaskCompletionListener(new CloseAtEnd(this));
    }
  }

  private record CloseAtEnd(TikvColumnarReader reader) implements TaskCompletionListener {
    @Override
    public void onTaskCompletion(TaskContext context) {
      reader.free();
    }
  }

  @Override
  public boolean next() {
    if (closed) {
      return false;
    }
    Optional<ReadBatch> next = reader.next();
    if (next.isEmpty()) {
      batch = null;
      return false;
    }
    wrap(next.get());
    return true;
  }

  @Override
  public ColumnarBatch get() {
    return batch;
  }

  private void wrap(ReadBatch next) {
    if (batch == null || !isWrapped(next.vectors())) {
      wrapped = next.vectors();
      columns = new ColumnVector[wrapped.size()];
      for (int i = 0; i < columns.length; i++) {
        columns[i] = columnOf(wrapped.get(i));
      }
      batch = new ColumnarBatch(columns);
    } else {
      for (ColumnVector column : columns) {
        if (column instanceof DecimalLongColumnVector decimals) {
          decimals.refresh();
        }
      }
    }
    batch.setNumRows(next.rowCount());
  }

  @SuppressWarnings("ReferenceEquality") // the very vectors, not equal contents
  private boolean isWrapped(List<FieldVector> vectors) {
    for (int i = 0; i < vectors.size(); i++) {
      if (vectors.get(i) != wrapped.get(i)) {
        return false;
      }
    }
    return true;
  }

  private static ColumnVector columnOf(FieldVector vector) {
    return vector instanceof DecimalVector decimals
            && decimals.getPrecision() <= Decimal.MAX_LONG_DIGITS()
        ? new DecimalLongColumnVector(decimals)
        : new ArrowColumnVector(vector);
  }

  @Override
  public CustomTaskMetric[] currentMetricsValues() {
    ReadStatistics statistics = reader.statistics();
    List<CustomTaskMetric> values = new ArrayList<>();
    for (ScanMetric metric : ScanMetric.values()) {
      metric.valueOf(statistics).ifPresent(value -> values.add(new Value(metric.key(), value)));
    }
    return values.toArray(CustomTaskMetric[]::new);
  }

  private record Value(String name, long value) implements CustomTaskMetric {
    @Override
    public CustomTaskMetric mergeWith(CustomTaskMetric other) {
      return new Value(name, value + other.value());
    }
  }

  /** Ends the read; the last batch stays readable until the task ends, if there is a task. */
  @Override
  public void close() {
    closed = true;
    if (TaskContext.get() == null) {
      free();
    }
  }

  private void free() {
    closed = true;
    reader.close();
  }
}
