package io.arrowraft.spark;

import io.arrowraft.spark.read.ReadTask;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.connector.read.InputPartition;

/** What one task reads, and where it would best run. */
final class TikvInputPartition implements InputPartition {
  private static final long serialVersionUID = 1L;

  private final ReadTask task;
  private final List<String> hosts;

  /** On the driver only: an executor has nothing to tell about when tasks are handed out. */
  private final transient RunningQueries.Read read;

  /**
   * @param hosts of the leaders of its regions
   */
  TikvInputPartition(ReadTask task, List<String> hosts, RunningQueries.Read read) {
    this.task = task;
    this.hosts = hosts;
    this.read = read;
  }

  ReadTask task() {
    return task;
  }

  /** Spark asks on the driver whenever it is about to hand out the task. */
  @Override
  public String[] preferredLocations() {
    Optional.ofNullable(read).ifPresent(RunningQueries.Read::isHandedOut);
    return hosts.toArray(String[]::new);
  }
}
