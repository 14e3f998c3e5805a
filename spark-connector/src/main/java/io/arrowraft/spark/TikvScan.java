package io.arrowraft.spark;

import io.arrowraft.spark.read.ScanMetric;
import java.util.Arrays;
import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.Statistics;
import org.apache.spark.sql.connector.read.SupportsReportStatistics;
import org.apache.spark.sql.types.StructType;

/**
 * A scan whose push-down is settled. Two scans are equal if they read the same at the same
 * timestamp, so that Spark shares the work of those and of no others.
 */
final class TikvScan implements SupportsReportStatistics {
  private final TikvBatch batch;

  TikvScan(TikvCluster cluster, ScanSpec spec, QueryTimestamp timestamp) {
    this.batch = new TikvBatch(cluster, spec, timestamp);
  }

  @Override
  public StructType readSchema() {
    return batch.spec().readSchema();
  }

  @Override
  public Batch toBatch() {
    return batch;
  }

  @Override
  public Statistics estimateStatistics() {
    return TikvStatistics.of(batch.spec(), batch.plan());
  }

  @Override
  public String description() {
    return batch.spec().describe()
        + ", read timestamp="
        + batch.timestamp()
        + ", regions="
        + batch.plan().regions();
  }

  @Override
  public CustomMetric[] supportedCustomMetrics() {
    return Arrays.stream(ScanMetric.values()).map(ScanMetrics::of).toArray(CustomMetric[]::new);
  }

  @Override
  public CustomTaskMetric[] reportDriverMetrics() {
    return new CustomTaskMetric[] {
      ScanMetrics.driverValue(ScanMetric.READ_TIMESTAMP, batch.timestamp())
    };
  }

  @Override
  public ColumnarSupportMode columnarSupportMode() {
    return ColumnarSupportMode.SUPPORTED;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TikvScan that && batch.equals(that.batch);
  }

  @Override
  public int hashCode() {
    return batch.hashCode();
  }
}
