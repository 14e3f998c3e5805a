/**
 * Snapshots of regions: made from one engine snapshot, sent as sealed chunks, staged in the
 * receiver's data engine and installed from there.
 *
 * <ol>
 *   <li>Bounds, epoch, applied index and data come from one engine snapshot (correctness rule 23).
 *   <li>A snapshot is installed only when all its chunks are staged and their checksum agrees; a
 *       damaged one is dropped and asked for again (rule 55).
 *   <li>The {@code APPLYING} state is durable before the first byte of data changes, in the batch
 *       that removes the replica's old data, and the staged chunks live until the batch that says
 *       {@code NORMAL} (rules 19 and 20).
 *   <li>Two snapshots whose ranges overlap are never staged to completion at once, and none is
 *       accepted over another region of this store, unless that has become part of the snapshot's
 *       region: the range map of {@code io.arrowraft.server.peer} sees to both. What is covered so
 *       becomes a tombstone in the batch of {@code APPLYING}.
 * </ol>
 *
 * <p>Crash table. "Log" is the Raft log engine, everything else the data engine, which is synced
 * first: with {@code APPLYING}, and again with {@code NORMAL}. Each row is found by {@code
 * SnapshotCrashTest}, which cuts the power after each write, also of the start that follows.
 *
 * <table>
 *   <caption>What startup finds and does</caption>
 *   <tr><th>crash</th><th>found</th><th>done at start</th></tr>
 *   <tr><td>while chunks arrive</td><td>chunks, state unchanged</td><td>chunks are deleted</td></tr>
 *   <tr><td>after {@code APPLYING} (synced, and with it the chunks)</td><td>{@code APPLYING}, part of
 *       the data</td><td>the range is cleared and filled from the chunks again</td></tr>
 *   <tr><td>the same of a snapshot that covers other replicas</td><td>{@code APPLYING}; tombstones of
 *       those covered, their logs still there</td><td>the same; their logs are removed</td></tr>
 *   <tr><td>the same, and the chunks cannot be read</td><td>{@code APPLYING}</td><td>the replica is
 *       marked as damaged, and replaced</td></tr>
 *   <tr><td>after {@code NORMAL} (synced), before the log was reset</td><td>{@code NORMAL} with an
 *       applied index outside of the log</td><td>the log is reset to the applied index; term and vote
 *       stay</td></tr>
 *   <tr><td>after the log was reset</td><td>both agree</td><td>nothing</td></tr>
 * </table>
 *
 * <p>Threading: sources belong to one worker task at a time; staging and installing run on the
 * region's apply loop.
 */
package io.arrowraft.server.snapshot;
