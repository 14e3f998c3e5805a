package io.arrowraft.spark;

import io.arrowraft.spark.read.ReadTask;
import java.util.List;
import org.apache.spark.sql.connector.read.InputPartition;

/**
 * What one task reads, and where it would best run.
 *
 * @param hosts of the leaders of its regions
 */
record TikvInputPartition(ReadTask task, List<String> hosts) implements InputPartition {
  @Override
  public String[] preferredLocations() {
    return hosts.toArray(String[]::new);
  }
}
