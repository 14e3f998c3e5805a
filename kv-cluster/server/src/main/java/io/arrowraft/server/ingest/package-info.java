/**
 * Bulk import: TiKV's {@code import_sstpb.ImportSST}. A client streams sorted pairs to every store
 * that has a peer of their region; each makes files of them beside its data ("stages" them), off
 * the paths of other requests. Then the client asks the region's leader to ingest: one small entry
 * in the log names the files, and every replica takes in its own.
 *
 * <ol>
 *   <li>A stream is answered when its files and their records are durable. A record holds what all
 *       replicas must agree on: region, both parts of the epoch, first and last key, counts and a
 *       checksum of the pairs. It lies in the data engine, so that it ends in the batch that moves
 *       the applied index past the ingest.
 *   <li>A file's name is its stream's uuid, region and family. What is recorded under a name is
 *       never replaced, since an entry of the log may speak of it.
 *   <li>The leader proposes only what a majority of the voters says to have, durably and the same,
 *       and nothing that a replica which answers says to lack. So a replica that lacks a file all
 *       the same is one of a minority: it is marked as damaged and replaced, as decision record
 *       0002 of this module explains.
 *   <li>Both parts of the epoch are checked at the proposal and at apply (correctness rule 15):
 *       after a split, a merge or a change of peers the files are of no use, on all replicas alike.
 *   <li>Ingesting takes its turn in the region's apply queue, so it never overlaps the hash or the
 *       snapshot of its region (rule 25); engine snapshots that are open do not see it.
 *   <li>Files that nobody ingests go: after their time to live, which is renewed when a leader asks
 *       for them; at once when the region's epoch here has moved past theirs. Files without a
 *       record and records without a file go at start. Staged bytes have a bound, and nothing is
 *       staged on a disk that is nearly full.
 *   <li>Versions at or below the safe point are neither staged nor ingested, and no removal of
 *       garbage collection is older than an ingest before it (decision record 0003).
 * </ol>
 *
 * <p>What ingesting does not look at: locks, other versions, and the timestamps at which others
 * have read. The caller loads a range that nobody else uses until it is done.
 *
 * <p>Threading: streams are handled on a pool of their own, each by one thread at a time; the
 * transport's threads only queue their messages.
 */
package io.arrowraft.server.ingest;
