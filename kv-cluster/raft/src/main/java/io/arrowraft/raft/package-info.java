/**
 * Many Raft groups on a few event loops, over one shared log and one stream per pair of stores. A
 * group knows nothing of regions: the store runs one per region, the placement driver runs one in
 * all.
 *
 * <ol>
 *   <li>A {@link io.arrowraft.raft.RaftGroup} is owned by one event loop; all its methods are
 *       called there. The number of threads does not depend on the number of groups.
 *   <li>Nothing on a loop waits for the disk to write: writes go to the shared {@link
 *       io.arrowraft.raft.LogStore}, which syncs once per batch. Messages that promise something
 *       are sent then, from the log's thread; the loop hears of the completion, at once only if it
 *       waits for it.
 *   <li>Committed entries are handed to the owner in order; the owner applies them where it likes
 *       and reports back. A proposal is either handed back with its committed entry, or dropped
 *       with a reason, exactly once.
 *   <li>The log is compacted only as far as the owner says that its applied state is durable.
 *   <li>A lease runs from the monotonic time noted before the acknowledged heartbeat round was
 *       sent, is shorter than any election timeout, and counts only after an entry of the leader's
 *       term has been applied here.
 *   <li>A read is answered when this replica has applied the confirmed index, or it fails; it never
 *       waits without bound.
 *   <li>A sleeping group gets no ticks and sends nothing. Whatever is asked of a replica wakes it,
 *       and it wakes the others; a sleeping follower stands for election when {@link
 *       io.arrowraft.raft.StoreBeats} suspects the store of its leader. Nothing is promised for
 *       longer or shorter than without sleep.
 *   <li>Queues are bounded. What does not fit is refused (proposals, reads) or dropped and reported
 *       (messages).
 * </ol>
 *
 * <p>Threading: {@link io.arrowraft.raft.MultiRaft#post}, {@link
 * io.arrowraft.raft.MultiRaft#receive}, {@link io.arrowraft.raft.LeaderLease}, {@link
 * io.arrowraft.raft.LogStore} and {@link io.arrowraft.raft.PeerTransport} are safe for use by any
 * thread; everything else belongs to the group's loop.
 */
package io.arrowraft.raft;
