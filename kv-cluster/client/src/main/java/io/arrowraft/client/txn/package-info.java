/**
 * Distributed transactions with snapshot isolation: Percolator's two phases on TiKV's commands.
 *
 * <ol>
 *   <li>A transaction reads at its start timestamp and sees its own writes; nothing leaves the
 *       client before {@code commit}.
 *   <li>The commit of the primary key decides. Its lost answer is reported as unknown, never as
 *       failure; a failure before it was sent is never reported as unknown.
 *   <li>Secondary keys are committed in the background; what is left undone, readers finish by lock
 *       resolution. Closing the client waits for it.
 *   <li>With the early kinds of commit that the options may ask for, prewrites decide: what the
 *       stores cannot time falls back to two phases as a whole, and a lost answer to a prewrite
 *       leaves the outcome unknown unless another answer tells.
 *   <li>The timestamp of a commit is above those of all commits that were acknowledged before it
 *       was called for. Stores that time commits are therefore told a timestamp fetched after that.
 *       Of a transaction that one call begins and commits, the start timestamp is such a one.
 *   <li>What a transaction was built on may have an end: a {@code CommitFence} permits commit
 *       timestamps up to a bound, and is asked again before a later one is used.
 *   <li>Locks of others are rolled back only after the status of their primary said so.
 *   <li>An automatic retry runs the whole body again at a new start timestamp: it reads again.
 * </ol>
 *
 * <p>Reading order: {@code Transaction}, {@code BufferedReads}, {@code MutationBuffer}, {@code
 * TwoPhaseCommit}, {@code LockResolver}, {@code SnapshotReads}.
 *
 * <p>Threading: a transaction belongs to one thread at a time; snapshots are safe for use by any
 * thread. Futures complete on the client's loop, where nothing may wait.
 */
package io.arrowraft.client.txn;
