/**
 * Bulk import: sorted pairs go straight into the stores' tables of data, past transactions and the
 * Raft log. Several times as fast as transactions, for whoever loads a range that nobody else uses.
 *
 * <p>What the caller must see to (the contract of TiKV's importers):
 *
 * <ol>
 *   <li>Until the import has ended nobody else writes to the range. Locks are not looked at, so a
 *       transaction that writes there meanwhile may lose its write, or an imported row.
 *   <li>Until it has ended, readers see any part of what it brings: all pairs are versions of one
 *       commit timestamp, taken when the import begins, and appear a file at a time. A reader whose
 *       timestamp is earlier sees none of them ever.
 *   <li>An import that fails, is cancelled, or whose process dies leaves what it has brought. It is
 *       run again with the same pairs ({@link io.arrowraft.client.bulk.ImportOptions#resuming}):
 *       they come in as versions of a new timestamp over those that are there; or delete the range.
 * </ol>
 *
 * <p>What the import sees to:
 *
 * <ol>
 *   <li>A table must hold no rows at the commit timestamp; locks that are met on the way are
 *       resolved first. Keys must differ: an equal neighbour in key order fails the import.
 *   <li>A part of a region's range is streamed to the stores of all its peers, whose answers must
 *       be equal and must count what was sent, and is then ingested by the leader. If the region
 *       moves or an answer is lost, the pairs are grouped anew and sent again: the same pairs at
 *       the same timestamp, so that doing it twice is doing it once.
 *   <li>Garbage collection stays below the commit timestamp until the import ends, by a claim at
 *       the placement driver; stores refuse what would come in at or below the safe point.
 *   <li>Memory is bounded: a few slices of pairs. Pairs that do not come in order are sorted first,
 *       in memory as far as the options allow and in files beyond.
 * </ol>
 *
 * <p>Threading: rows are encoded and sorted on the encoders' pool, one task of an import at a time;
 * routes and streams belong to the client's loop.
 */
package io.arrowraft.client.bulk;
