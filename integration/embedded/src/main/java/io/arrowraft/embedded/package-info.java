/**
 * A whole cluster inside one process: a placement driver and stores, each with its own RocksDB
 * directory and its own port, talking real gRPC. For programs that want a database without an
 * operator, and for tests.
 *
 * <ol>
 *   <li>It is the same wiring as that of separate processes; only the memory of RocksDB is shared.
 *   <li>A node that meets a fault fails every later call of {@link
 *       io.arrowraft.embedded.EmbeddedCluster#check}.
 * </ol>
 */
package io.arrowraft.embedded;
