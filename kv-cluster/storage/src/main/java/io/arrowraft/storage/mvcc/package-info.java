/**
 * Multi-version data in TiKV's byte formats: keys, lock and write records, and reads at a
 * timestamp.
 *
 * <p>A user key is stored memcomparable-encoded ({@link io.arrowraft.storage.mvcc.MvccKeys}).
 * Family LOCK holds {@code encoded -> Lock}, WRITE holds {@code encoded + ~commitTs -> Write},
 * DEFAULT holds {@code encoded + ~startTs -> value} for values too long to sit in the write record.
 * Invariants:
 *
 * <ol>
 *   <li>Timestamps are unsigned 64-bit numbers: physical milliseconds shifted by 18 bits, plus a
 *       logical counter. Versions of a key are stored newest first.
 *   <li>A PUT or DELETE is visible at {@code ts} if it is the newest of these at or below {@code
 *       ts}; LOCK and ROLLBACK records are passed over.
 *   <li>Under snapshot isolation a lock that may commit at or below the read timestamp blocks the
 *       read of its key, unless the reader brings proof that it does not matter.
 *   <li>Every record re-encodes to the bytes it was decoded from, fields unknown to us included,
 *       except for the optional hint "last change", which readers may ignore and writers omit.
 *   <li>A record that cannot be decoded, or a long value that is missing, is corruption: an
 *       exception, never an absent key.
 * </ol>
 *
 * <p>Threading: readers and scanners belong to one thread at a time; everything else is immutable.
 * No package here does I/O of its own: all of it goes through the engine port.
 */
package io.arrowraft.storage.mvcc;
