/**
 * The replicated log of the placement driver: its commands go through a Raft group of their own and
 * are applied to {@link io.arrowraft.pd.state.PdState}, whose records live in an engine.
 *
 * <p>The group has one member for now: what has to do with peers (transport, snapshots, membership)
 * is refused as an invariant violation rather than done halfway.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The records that a command changed, and the applied index, are written in one batch.
 *   <li>The log is compacted only up to an applied index that has been synced in the engine.
 *   <li>Every proposal is answered exactly once: with its result after the state has changed, or
 *       with {@link io.arrowraft.pd.state.NotLeaderException}.
 *   <li>This member leads, for those who ask, only while its lease runs.
 * </ol>
 *
 * <p>Threading: everything happens on the placement driver's loop; syncs run on a worker pool.
 */
package io.arrowraft.pd.replication;
