/**
 * The engine on disk: RocksDB behind the engine port, and the data directory it lives in.
 *
 * <ol>
 *   <li>A native handle is released only after the last reader that could touch it has left, and no
 *       reader enters after that: {@link io.arrowraft.storage.rocks.ReaderGate} counts them.
 *   <li>The table format version is explicit, so that the files stay readable by the RocksDB
 *       version that Spark brings.
 *   <li>All instances of a process share one block cache and one write-buffer budget.
 *   <li>A directory is used by one process at a time and never by another cluster, node or format.
 * </ol>
 *
 * <p>Threading: everything but iterators may be used from any thread. RocksDB brings background
 * threads of its own; reads and writes block the calling thread on disk.
 */
package io.arrowraft.storage.rocks;
