/**
 * The replicated log of the placement driver: its commands go through a Raft group of their own and
 * are applied to {@link io.arrowraft.pd.state.PdState}, whose records live in an engine.
 *
 * <p>A group has one, three or five members that begin together, and changes by membership entries
 * afterwards. A member that is too far behind for the log gets all records of a frozen engine.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The records that a command changed, the applied index and the membership are written in one
 *       batch. The state in memory may be ahead of the engine by a bounded number of batches, which
 *       the log still holds.
 *   <li>The log is compacted only up to an applied index that has been synced in the engine.
 *   <li>A snapshot comes from one engine snapshot. It arrives in pieces that are kept beside the
 *       records, no more than one of them in memory, and replaces the records, the applied index
 *       and the membership in one synced batch: a crash leaves the old state or the new one. The
 *       log follows; if it does not get there, it begins after the applied index at the next start.
 *   <li>Who this member is is durable before it takes part. Members that begin together derive
 *       their ids from their names; a newcomer is told its own, once, and one that was removed
 *       never takes part again under its id.
 *   <li>Every proposal is answered exactly once: with its result after the state has changed, or
 *       with {@link io.arrowraft.pd.state.NotLeaderException}.
 *   <li>This member leads, for those who ask, only while its lease runs; the lease is shorter than
 *       the smallest election timeout.
 *   <li>Messages of another cluster are dropped.
 * </ol>
 *
 * <p>Threading: everything happens on the placement driver's loop, except that records are written
 * on a loop that waits for the disk, snapshots are read on a worker pool, and messages leave on the
 * transport's loop.
 */
package io.arrowraft.pd.replication;
