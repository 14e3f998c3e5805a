/**
 * Garbage collection on a store: settling the locks of old transactions, and removing versions that
 * nobody can read any more.
 *
 * <p>The placement driver says how far ({@link io.arrowraft.server.gc.GcWorker} asks it from time
 * to time): a <em>target</em> up to which locks are to be resolved, a <em>safe point</em> below
 * which nobody reads, and what is <em>collectable</em>. Everything is done by the leaders of
 * regions, for their own regions.
 *
 * <ol>
 *   <li>A region is reported as resolved up to T once {@code max_ts} has been raised to T, no
 *       memory lock at or below T was left after that, and every lock at or below T in a snapshot
 *       confirmed after that has been settled. From then on no transaction commits there at or
 *       below T: an asynchronous commit comes after {@code max_ts} (rule 40), and an ordinary one
 *       takes its commit timestamp after its last prewrite. So the report stays true, whoever leads
 *       later.
 *   <li>Locks are settled by the fate of their transaction, which its primary tells: by {@code
 *       CheckTxnStatus} as any client would, by the secondaries if it commits asynchronously (rule
 *       39). A live transaction is left alone and holds the report just below its start, until it
 *       has lived for the placement driver's {@code gc-max-wait-time}.
 *   <li>Pessimistic locks of transactions that are over go without a record (rule 44).
 *   <li>Versions are removed by commands in the region's log that name each record, so that all
 *       replicas stay equal (rule 25). A command carries the safe point; whoever applies it holds
 *       that safe point from then on, also after a restart, also if it has not heard of it from the
 *       placement driver. So do receivers of snapshots.
 *   <li>Transactions that started at or below the safe point take no locks any more: records of
 *       their rollbacks and of their conflicts may be gone.
 *   <li>A region is visited when what may be garbage is a tenth of its versions. The count is kept
 *       at apply, replicated, and corrected by the visit's last command.
 *   <li>Nothing here waits for long or runs at full speed: calls have deadlines, failures back off,
 *       removal pauses as long as it has worked and while the engine is behind.
 * </ol>
 *
 * <p>Threading: {@code GcWorker}'s state belongs to the loop {@code gc}; snapshots are read on the
 * pool {@code gc-read}. See docs/decisions/0001 of this module.
 */
package io.arrowraft.server.gc;
