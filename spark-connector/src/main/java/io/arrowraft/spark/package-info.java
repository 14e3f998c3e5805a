/**
 * Tables of a cluster in Spark: {@code format("tikv")} and {@link io.arrowraft.spark.TikvCatalog}.
 * Class names mirror the roles of Spark's DataSource V2.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>All tables and subqueries of one query read one timestamp of their cluster ({@link
 *       io.arrowraft.spark.ReadTimestampRule}); retried and speculative tasks read the same one.
 *   <li>An answer never depends on what was pushed down.
 *   <li>Two scans are equal only if they read the same rows: same table and schema, plan, key
 *       ranges and timestamp.
 *   <li>Garbage collection does not pass the timestamp of a query that runs ({@link
 *       io.arrowraft.spark.RunningQueries}), and is not held back by one that does not.
 *   <li>An unknown option is an error that names it and the known ones.
 * </ol>
 *
 * <p>Threading: planning runs on the driver's threads, readers on tasks' threads. Clients are
 * shared by everything in one JVM that reads the same cluster.
 */
package io.arrowraft.spark;
