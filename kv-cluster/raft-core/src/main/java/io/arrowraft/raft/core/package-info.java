/**
 * The Raft consensus algorithm as a pure state machine: messages, ticks and proposals in, one
 * immutable {@link io.arrowraft.raft.core.Ready} out. No thread, no clock, no I/O, and no
 * randomness that is not injected.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>At most one leader is elected in a term; a vote and the term it belongs to are durable
 *       before any message that depends on them leaves.
 *   <li>A replica's acknowledgement of an entry, its own included, counts only after that entry is
 *       durable there.
 *   <li>Only entries of the leader's current term commit by counting replicas; older ones commit
 *       with them.
 *   <li>A committed entry is never overwritten; an attempt throws {@link
 *       io.arrowraft.raft.core.InvariantViolation}.
 *   <li>Entries are handed out for application once, in order, and only when they are committed and
 *       locally durable.
 *   <li>At most one membership change is between proposal and application; it takes effect when it
 *       is applied.
 *   <li>A read index is confirmed by a heartbeat round that began after the read was asked for, and
 *       only by a leader that has committed an entry of its own term.
 * </ol>
 *
 * <p>Threading: a {@link io.arrowraft.raft.core.RaftNode} belongs to one thread at a time. What it
 * returns is immutable.
 *
 * <p>Reading order: {@code RaftNode} (dispatch), {@code Ready} (the contract with storage and
 * network), {@code NodeState}, then one class for each concern: {@code Elections}, {@code
 * Replication}, {@code LogReceiver}, {@code Reads}, {@code LeaderTransfer}, {@code
 * MembershipChanges}, {@code Resting}; below them {@code RaftLog}, {@code ProgressTracker}, {@code
 * Quorum}.
 *
 * <p>Sources: Ongaro's dissertation (2014); the shape and the flow control follow etcd-io/raft.
 */
package io.arrowraft.raft.core;
