/**
 * Regions as the rest of the store sees them: consistent snapshots to read from, replicated writes,
 * splits, and the stream of what was applied.
 *
 * <p>{@link io.arrowraft.server.region.RegionStore} is the seam: services, transactions and the
 * coprocessor live above it and know nothing of Raft.
 *
 * <ol>
 *   <li>A snapshot handed out holds every write acknowledged before the request arrived, and is no
 *       newer than the leadership term it names.
 *   <li>A write is proposed in the term it was evaluated in, or not at all (correctness rule 51).
 *   <li>A failure with {@link io.arrowraft.server.region.RegionErrorException} means that the
 *       request has had and will have no effect; every other failure of a write leaves its outcome
 *       open.
 *   <li>Observers see what a region applied in log order, and lifecycle events between the entries
 *       where they happened.
 * </ol>
 *
 * <p>Threading: {@link io.arrowraft.server.region.RegionStore} may be called from any thread and
 * completes its stages on any thread; dependants must not block.
 */
package io.arrowraft.server.region;
