/**
 * The engine port: an ordered, atomic, snapshotting key-value store with a few column families.
 *
 * <p>Two engines stand behind it, {@code memory} for the simulator and tests and {@code rocks} for
 * disks, and one contract test runs on both. Invariants:
 *
 * <ol>
 *   <li>A {@link io.arrowraft.storage.engine.WriteBatch} is applied whole or not at all, across
 *       column families, in the order of its operations.
 *   <li>Keys are ordered as unsigned bytes. An empty upper bound means "to the end"; an empty lower
 *       bound means "from the beginning".
 *   <li>After {@code sync()} returns, everything written before the call survives a crash. Without
 *       it a crash keeps a prefix of the batches, never a batch in part and never a later batch
 *       without an earlier one.
 *   <li>A snapshot or iterator sees the batches written before it was opened and no later one.
 *   <li>After a write or sync has failed for the disk's sake no later one succeeds; reads may go
 *       on.
 *   <li>Ingested files are durable when {@code ingest()} returns, and so is everything written
 *       before the call: a crash keeps no ingested file without the batches before it. A file can
 *       be ingested again until it is deleted, with the same effect.
 *   <li>{@code close()} refuses new readers and waits for open ones; a reader never touches a
 *       closed native handle.
 * </ol>
 *
 * <p>Threading: engines and snapshots may be used from any thread; an iterator belongs to one
 * thread at a time. Byte arrays given to an engine belong to it; byte arrays it returns must not be
 * changed.
 */
package io.arrowraft.storage.engine;
