package io.arrowraft.spark;

import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.coprocessor.read.RegionShare;
import io.arrowraft.spark.read.BatchSource;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What the connector asks of a cluster while it plans, on the driver. Calls wait for their answer
 * within a bound.
 */
interface TikvCluster {
  /** A fresh timestamp: everything committed before this call is visible at it. */
  long timestamp();

  List<String> namespaces();

  List<TableName> tables(String namespace);

  Optional<TableSchema> table(TableName name);

  /** Makes a table, and its namespace if there is none; false if the name is taken. */
  boolean createTable(TableDefinition definition);

  /** Removes a table and its rows; false if there is none. */
  boolean dropTable(TableName name);

  /** The regions that hold the ranges, in key order. */
  List<RegionShare> regions(List<KeyRange> ranges);

  /**
   * Keeps the versions that reads at a timestamp need, until the result is closed.
   *
   * @param service names the claim among all others
   * @param atMost when it ends if nobody closes it
   * @return fails if they are being collected already. The claim outlives this process by a minute
   *     or two
   */
  CompletableFuture<Hold> holdVersions(String service, long timestamp, Duration atMost);

  /** A claim on old versions. Closing it is idempotent, does not wait and does not fail. */
  interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  /** What tasks read this cluster with. */
  BatchSource batches(TikvReadOptions options);

  /** Tells clusters apart. */
  String address();
}
