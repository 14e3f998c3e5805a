package io.arrowraft.spark;

import io.arrowraft.coprocessor.plan.PlanCodec;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.coprocessor.read.RegionPlan;
import io.arrowraft.coprocessor.read.RegionShare;
import io.arrowraft.spark.read.ReadTask;
import io.arrowraft.table.KeyRange;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;

/** The tasks of a scan: one for each region, or for neighbouring small ones together. */
final class TikvBatch implements Batch {
  private final TikvCluster cluster;
  private final ScanSpec spec;
  private final QueryTimestamp timestamp;
  private final PlanRequest request;
  private final List<KeyRange> ranges;
  private final RunningQueries.Read read;
  private RegionPlan plan;

  TikvBatch(TikvCluster cluster, ScanSpec spec, QueryTimestamp timestamp) {
    this.cluster = cluster;
    this.spec = spec;
    this.timestamp = timestamp;
    this.request = spec.request();
    this.ranges = spec.ranges();
    this.read = new RunningQueries.Read(cluster, timestamp, spec.options().holdMax());
  }

  ScanSpec spec() {
    return spec;
  }

  long timestamp() {
    return timestamp.value();
  }

  /** Looked up once: statistics, EXPLAIN and tasks speak of the same regions. */
  synchronized RegionPlan plan() {
    if (plan == null) {
      List<RegionShare> shares = cluster.regions(ranges);
      plan = RegionPlan.of(shares, bytesPerTask(shares));
    }
    return plan;
  }

  /** Small tables are divided too, as long as there are regions, so that no core waits. */
  private long bytesPerTask(List<RegionShare> shares) {
    int cores = Math.max(1, SparkSession.active().sparkContext().defaultParallelism());
    long whole = shares.stream().mapToLong(RegionShare::estimatedBytes).sum();
    return Math.max(1, Math.min(spec.options().partitionBytes(), whole / cores));
  }

  @Override
  public InputPartition[] planInputPartitions() {
    RunningQueries.of(SparkSession.active().sparkContext()).begins(read);
    byte[] encoded = PlanCodec.encode(request);
    return plan().parts().stream()
        .map(
            part ->
                new TikvInputPartition(
                    ReadTask.of(encoded, part.ranges(), timestamp()), part.preferredHosts(), read))
        .toArray(InputPartition[]::new);
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    return new TikvReaderFactory(cluster.batches(spec.options()));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TikvBatch that
        && cluster.address().equals(that.cluster.address())
        && spec.schema().equals(that.spec.schema())
        && request.equals(that.request)
        && ranges.equals(that.ranges)
        && timestamp.isSameAs(that.timestamp);
  }

  /** Without the timestamp: hashing a plan must not ask the cluster for one. */
  @Override
  public int hashCode() {
    return Objects.hash(cluster.address(), spec.schema().tableId(), request, ranges);
  }
}
