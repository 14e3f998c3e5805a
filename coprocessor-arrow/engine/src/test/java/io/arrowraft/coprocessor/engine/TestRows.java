package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.coprocessor.plan.ResultColumns;
import io.arrowraft.coprocessor.plan.ScanColumn;
import io.arrowraft.table.Column;
import io.arrowraft.table.DataType;
import io.arrowraft.table.RowWriter;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableSchema;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;

/** A table in memory: encodes rows, runs plans over them, and reads results with Arrow's reader. */
final class TestRows {
  final TableSchema schema;
  final List<byte[]> keys = new ArrayList<>();
  final List<byte[]> values = new ArrayList<>();
  private final RowWriter writer = new RowWriter();

  TestRows(TableSchema schema) {
    this.schema = schema;
  }

  void add(Object... row) {
    Object[] key =
        schema.primaryKeyColumns().stream()
            .map(column -> row[schema.indexOf(column.id())])
            .toArray();
    keys.add(TableKeys.rowKey(schema, key, keys.size()));
    values.add(writer.write(schema, row));
  }

  PlanNode scan() {
    List<ScanColumn> columns = new ArrayList<>();
    for (Column column : schema.columns()) {
      columns.add(ScanColumn.of(schema, column));
    }
    return new PlanNode.TableScan(schema.tableId(), columns, false);
  }

  /** Yields the rows, at most {@code step} a fill. */
  RowSource source(int step) {
    int[] next = {0};
    return (batch, maxRows) -> {
      int end = Math.min(keys.size(), next[0] + Math.min(step, maxRows));
      for (; next[0] < end; next[0]++) {
        batch.append(ByteBuffer.wrap(keys.get(next[0])), ByteBuffer.wrap(values.get(next[0])));
      }
      return new FillResult.Filled(next[0] == keys.size());
    };
  }

  List<List<Object>> run(PlanRequest request) {
    return run(request, source(700), ExecutionLimits.DEFAULT);
  }

  /** Runs a plan to its end; fails if the executor leaks memory of its allocator. */
  static List<List<Object>> run(PlanRequest request, RowSource source, ExecutionLimits limits) {
    List<DataType> types = ResultColumns.of(request.plan());
    List<List<Object>> rows = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator()) {
      try (CoprocessorExecutor executor =
          CoprocessorExecutor.open(request, source, allocator, limits)) {
        for (Optional<EncodedBatch> batch = executor.next();
            batch.isPresent();
            batch = executor.next()) {
          if (batch.get().rows() > request.batchRowsMax()) {
            throw new AssertionError("a batch of " + batch.get().rows() + " rows");
          }
          rows.addAll(decode(types, batch.get().toByteArray(), allocator));
        }
        if (executor.summary().rowsReturned() != rows.size()) {
          throw new AssertionError("counted " + executor.summary() + ", read " + rows.size());
        }
      }
    }
    return rows;
  }

  static List<List<Object>> decode(
      List<DataType> types, byte[] message, BufferAllocator allocator) {
    List<List<Object>> rows = new ArrayList<>();
    try (ReadChannel channel =
            new ReadChannel(Channels.newChannel(new ByteArrayInputStream(message)));
        ArrowRecordBatch batch =
            (ArrowRecordBatch) MessageSerializer.deserializeMessageBatch(channel, allocator);
        VectorSchemaRoot root = VectorSchemaRoot.create(ArrowTypes.schemaOf(types), allocator)) {
      new VectorLoader(root).load(batch);
      for (int r = 0; r < root.getRowCount(); r++) {
        List<Object> row = new ArrayList<>();
        for (int c = 0; c < types.size(); c++) {
          row.add(value(types.get(c), root.getVector(c), r));
        }
        rows.add(row);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  /** The value in the form that the oracle computes with. */
  private static Object value(DataType type, FieldVector vector, int row) {
    Object value = vector.getObject(row);
    if (value == null) {
      return null;
    }
    return switch (type.kind()) {
      case TINYINT, SMALLINT, INTEGER, BIGINT -> ((Number) value).longValue();
      case DATE -> (long) ((org.apache.arrow.vector.DateDayVector) vector).get(row);
      case TIMESTAMP, TIMESTAMP_NTZ -> ((org.apache.arrow.vector.TimeStampVector) vector).get(row);
      case STRING, JSON -> value.toString();
      case BINARY -> new String((byte[]) value, StandardCharsets.ISO_8859_1);
      case DECIMAL -> (BigDecimal) value;
      default -> value;
    };
  }
}
