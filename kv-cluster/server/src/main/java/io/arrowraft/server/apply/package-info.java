/**
 * The state machine of a region: committed entries in, engine batches out.
 *
 * <ol>
 *   <li>An entry's data, the region's state where it changes, and the applied index go into one
 *       batch (correctness rule 14), which is not synced: what a crash loses is applied again from
 *       the log, which is compacted only below an applied index that is durable.
 *   <li>Every command is checked against the region's epoch here (rule 15): data against the
 *       version, splits and membership changes against both parts. A refused command changes
 *       nothing but the applied index, and is refused alike on every replica.
 *   <li>A split's batch is synced (rule 16), and so is a merge's and every other that makes a
 *       tombstone, since the log is destroyed after it.
 *   <li>An entry that concerns other replicas of the store (a split's new regions, a merge's
 *       source) is not applied before those stand still; what follows it in its region waits too.
 *   <li>Ingested files are taken in while the applied index before them is durable, and stay until
 *       theirs is: see the crash table of {@code IngestApply}. A replica that lacks one is
 *       replaced; it applies nothing more.
 *   <li>Observers are told after the batch is visible, in log order.
 * </ol>
 *
 * <p>Threading: a {@link io.arrowraft.server.apply.RegionApplier} belongs to one apply loop, on
 * which also its events are published. Results travel to the region's own loop as immutable values.
 */
package io.arrowraft.server.apply;
