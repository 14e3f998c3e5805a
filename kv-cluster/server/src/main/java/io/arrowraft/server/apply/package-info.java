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
 * <p>Crash table of the end of a replica, for whatever reason: its own log removes it, the
 * placement driver or a newer replica does, or a snapshot covers it. Data, records and tombstone
 * are one synced batch of the data engine; then the log goes. Each row is found by {@code
 * DestroyCrashTest}, which cuts the power after each write.
 *
 * <table>
 *   <caption>What startup finds and does</caption>
 *   <tr><th>crash</th><th>data</th><th>log</th><th>done at start</th></tr>
 *   <tr><td>before the batch</td><td>the replica</td><td>present</td><td>the entry that removes it is
 *       applied again; else the placement driver is asked again, or the newer replica's message
 *       comes again</td></tr>
 *   <tr><td>the same of a replica that a message made</td><td>nothing</td><td>hard state, no
 *       entries</td><td>the next message makes it again, and it keeps its vote</td></tr>
 *   <tr><td>after the batch</td><td>tombstone</td><td>present</td><td>the log is removed, before any
 *       replica starts</td></tr>
 *   <tr><td>after the log is gone</td><td>tombstone</td><td>absent</td><td>nothing</td></tr>
 * </table>
 *
 * <p>Threading: a {@link io.arrowraft.server.apply.RegionApplier} belongs to one apply loop, on
 * which also its events are published. Results travel to the region's own loop as immutable values.
 */
package io.arrowraft.server.apply;
