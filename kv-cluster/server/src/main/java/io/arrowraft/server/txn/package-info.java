/**
 * How transactional requests run on a store: the write scheduler with its latches, reads over
 * snapshots, and what readers and writers tell each other in memory.
 *
 * <p>Start at {@link io.arrowraft.server.txn.WriteScheduler} and {@link
 * io.arrowraft.server.txn.SnapshotReads}.
 *
 * <ol>
 *   <li>Commands whose keys meet run one after the other, in the order in which they came. A
 *       command holds its latches from before its snapshot is taken until its write is applied or
 *       is known never to apply; a caller that goes away does not change that.
 *   <li>Commands that begin together may share a snapshot and a log entry: holding their latches,
 *       none of them could see what another writes.
 *   <li>A write is proposed in the term of the snapshot that it was decided on, or not at all
 *       (correctness rule 51). Mutations that were decided on no snapshot, but only on the region's
 *       range, may be proposed in any term: the region's version is checked when they apply.
 *   <li>{@link io.arrowraft.server.txn.MemoryLocks#maxTimestamp()} is at least every timestamp that
 *       anybody has read at, raised before the read's snapshot is taken (rules 35 and 42).
 *   <li>A commit that the store times locks its keys in memory before it reads that maximum, keeps
 *       them locked until it is applied or known never to be, and is refused while the leader of a
 *       new term has not synchronised the maximum with the placement driver (rules 35 and 36).
 *   <li>Pending commands and their bytes are bounded; beyond the bound a command is refused as
 *       "server is busy" and has had no effect.
 *   <li>Every snapshot is closed by the step that used it, whatever happens.
 * </ol>
 *
 * <p>Threading: latches belong to the scheduler's loop; commands and reads run on worker pools;
 * {@code MemoryLocks} is shared by all of them.
 */
package io.arrowraft.server.txn;
