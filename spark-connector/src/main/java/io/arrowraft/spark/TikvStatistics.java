package io.arrowraft.spark;

import io.arrowraft.coprocessor.read.RegionPlan;
import io.arrowraft.table.Column;
import io.arrowraft.table.DataType;
import java.util.OptionalLong;
import org.apache.spark.sql.connector.read.Statistics;
import org.apache.spark.sql.types.StructType;

/**
 * How much a scan is going to read, from the sizes that regions report and from the width of rows.
 * Spark decides by it which side of a join to broadcast.
 *
 * @param sizeInBytes of the wanted columns as Spark holds them
 * @param numRows of the ranges; filters are not counted on
 */
record TikvStatistics(OptionalLong sizeInBytes, OptionalLong numRows) implements Statistics {
  /** What a stored row takes beside its values: its key twice, versions, row header. */
  private static final long STORED_OVERHEAD_BYTES = 70;

  private static final long SPARK_OVERHEAD_BYTES = 8;

  static TikvStatistics of(ScanSpec spec, RegionPlan plan) {
    if (plan.parts().isEmpty()) {
      return new TikvStatistics(OptionalLong.of(1), OptionalLong.of(0));
    }
    if (plan.estimatedBytes() <= 0) {
      return new TikvStatistics(OptionalLong.empty(), OptionalLong.empty());
    }
    long rowsBySize = plan.estimatedBytes() / storedRowBytes(spec) + 1;
    long rows = plan.estimatedKeys() > 0 ? Math.min(plan.estimatedKeys(), rowsBySize) : rowsBySize;
    return new TikvStatistics(
        OptionalLong.of(Math.max(1, rows * readRowBytes(spec.readSchema()))),
        OptionalLong.of(rows));
  }

  private static long storedRowBytes(ScanSpec spec) {
    long bytes = STORED_OVERHEAD_BYTES;
    for (Column column : spec.schema().columns()) {
      bytes += storedBytes(column.type());
    }
    return bytes;
  }

  private static long storedBytes(DataType type) {
    return switch (type.kind()) {
      case BOOLEAN, TINYINT -> 4;
      case SMALLINT -> 5;
      case INTEGER -> 6;
      case BIGINT, FLOAT, DOUBLE, DATE, TIMESTAMP, TIMESTAMP_NTZ -> 9;
      case DECIMAL -> 4 + ((DataType.Decimal) type).precision() / 2;
      case STRING, BINARY, JSON -> 20;
    };
  }

  private static long readRowBytes(StructType schema) {
    return SPARK_OVERHEAD_BYTES + schema.defaultSize();
  }
}
