/**
 * Raw keys: one version each, no transactions, a column family of their own.
 *
 * <ol>
 *   <li>Everything here touches {@link io.arrowraft.storage.engine.ColumnFamily#RAW} alone, so raw
 *       and transactional data never meet.
 *   <li>A stored value always carries its expiry; an expired value is as good as absent to every
 *       read, and to compare-and-swap.
 *   <li>Empty keys and empty values are data.
 *   <li>A scan returns fewer pairs than its limit only if the range is exhausted in the region.
 *   <li>Blind writes are ordered by the Raft log alone; those that ask for it take turns with
 *       compare-and-swap on the same key.
 * </ol>
 *
 * <p>Threading: values and functions of a snapshot, callable from any thread.
 */
package io.arrowraft.server.raw;
