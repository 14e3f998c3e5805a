/**
 * The replicas of a store: each region's Raft group, its requests, splits, membership changes and
 * snapshots, and the housekeeping around them.
 *
 * <ol>
 *   <li>A replica belongs to one region loop; what it applies is written by one apply loop, in
 *       order. Which loops is fixed by the region's id, so the number of threads does not depend on
 *       the number of regions.
 *   <li>A read is served under the leader's lease, which counts only after an entry of the leader's
 *       term has been applied (correctness rule 4), or after a read index has been applied. A
 *       replica that does not lead has the leader's guard asked before its index is confirmed (rule
 *       37). Range and epoch come from the engine view that is read. From the proposal of a split
 *       until it is applied there is no lease, and a region that is to become part of another
 *       confirms no read at all (rule 22).
 *   <li>A write names the term of the snapshot it was computed from and is proposed in no other
 *       (rule 51).
 *   <li>What concerns more than one region (creation, removal, ranges) is decided on the control
 *       loop. A range is free only when its data is gone, so a snapshot never lands on another
 *       region. Before the replicas of an earlier run are recovered no message makes a new one.
 *   <li>A replica made for a message has no range and no membership until its snapshot or its split
 *       arrives: it votes and overlaps nobody (rule 17). Messages for an older peer id are dropped;
 *       a newer one has the older replica destroyed first (rule 18).
 *   <li>A replica destroys itself only after it has applied its own removal, or after the placement
 *       driver has said that it was removed (rule 24).
 *   <li>What requests do is counted where they are served, by any thread; each round takes the
 *       counts on the region's loop, for splits by load and for the reports to the placement
 *       driver.
 *   <li>Damage that is met on behalf of a replica, in its log, its records or its data, is the end
 *       of that replica and of no other: its tasks run behind {@code ReplicaLoop}, and readers tell
 *       {@code DamagedReplicas}. One whose log cannot be read is closed before it answers anything;
 *       what it has promised may be lost, so it never answers again under its id (rule 55). Damage
 *       that is nobody's in particular (opening, writing, records of many regions at once) stops
 *       the node.
 *   <li>Logs are compacted by each replica for itself, up to applied indexes noted before a sync of
 *       the data engine (rule 11).
 * </ol>
 *
 * <p>Reading order: {@code StoreRegions} (wiring), {@code RegionPeer} (dispatch), {@code
 * RegionRequests}, {@code RegionOwner}, {@code RegionControl}; then one class for each concern:
 * {@code RegionSplits}, {@code LoadSplits}, {@code RegionMerges} and {@code MergeControl}, {@code
 * LeaderReports}, {@code PlacementOrders}, {@code PeerOrders}, {@code ApplyPipeline}, {@code
 * SnapshotTraffic}, {@code Housekeeping}, {@code StaleReplicas}, {@code Departure}.
 *
 * <p>Threading: classes say which loop owns them. {@link io.arrowraft.server.peer.StoreRegions} may
 * be used from any thread.
 */
package io.arrowraft.server.peer;
