/**
 * The stores of the cluster as they are right now: what the replicated state says of them, and what
 * they said of themselves in their last heartbeat.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A store that was never heard of since this member leads counts as heard of when the
 *       leadership began, so that a new leader does not take all stores for dead.
 * </ol>
 *
 * <p>Threading: one thread at a time, that of the placement driver's event loop.
 */
package io.arrowraft.pd.store;
