/**
 * Where regions are divided: the scan that finds split keys. How a split is replicated is in {@code
 * io.arrowraft.server.peer}, how it is applied in {@code io.arrowraft.server.apply}.
 *
 * <ol>
 *   <li>A split key is the beginning of a row: no version of a row is ever divided from the others.
 *   <li>A split writes the state of both ranges and the new replica's apply state in one synced
 *       batch of the data engine (correctness rule 16). The new replica's log begins at a fixed
 *       index, the same on all replicas; its hard state is created when its log is opened and there
 *       is none, and never replaces one that a vote has left.
 *   <li>Before a split looks at the records of a new region, nobody else makes, changes or removes
 *       a replica of it: one made by a message is stopped, one on its way out is waited for. The
 *       two belong to different apply loops, and a tombstone written between look and batch would
 *       be lost.
 * </ol>
 *
 * <p>Crash table. "Data" is the data engine, which is synced first; "log" the Raft log engine,
 * where the new replica writes when it has something to promise. Each row is found by {@code
 * SplitCrashTest}, which cuts the power after each write.
 *
 * <table>
 *   <caption>What startup finds and does</caption>
 *   <tr><th>crash</th><th>data</th><th>log of the new replica</th><th>done at start</th></tr>
 *   <tr><td>before the batch</td><td>old region only</td><td>absent</td><td>the split entry is applied
 *       again: its applied index is not written either</td></tr>
 *   <tr><td>before the batch, after a vote of the still uninitialised replica</td><td>old region
 *       only</td><td>hard state, no entries</td><td>the same; the vote stays</td></tr>
 *   <tr><td>after the batch, before the log is opened</td><td>both regions</td><td>absent</td><td>the log
 *       is created at the fixed index with an empty hard state</td></tr>
 *   <tr><td>the same after a vote</td><td>both regions</td><td>hard state, no entries</td><td>the log is
 *       placed at the fixed index; term and vote stay</td></tr>
 *   <tr><td>after the log is opened</td><td>both regions</td><td>present</td><td>nothing</td></tr>
 *   <tr><td>the new replica was removed before the split applied</td><td>tombstone of the same or a later
 *       peer</td><td>absent</td><td>nothing is created, the range is cleared</td></tr>
 * </table>
 *
 * <p>Threading: a scan is one task on a worker pool.
 */
package io.arrowraft.server.split;
