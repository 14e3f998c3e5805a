package io.arrowraft.spark;

import io.arrowraft.spark.read.BatchSource;
import io.arrowraft.spark.read.TikvColumnarReader;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** Makes the readers of tasks, on executors; columnar ones only. */
record TikvReaderFactory(BatchSource source) implements PartitionReaderFactory {
  @Override
  public boolean supportColumnarReads(InputPartition partition) {
    return true;
  }

  @Override
  public PartitionReader<ColumnarBatch> createColumnarReader(InputPartition partition) {
    return new TikvColumnarReader(source, ((TikvInputPartition) partition).task());
  }

  @Override
  public PartitionReader<InternalRow> createReader(InputPartition partition) {
    throw new TikvException(TikvException.Code.UNSUPPORTED, "tikv is read by columns only");
  }
}
