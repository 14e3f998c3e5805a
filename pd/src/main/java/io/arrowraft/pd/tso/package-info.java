/**
 * The timestamp oracle: strictly increasing timestamps for the whole cluster.
 *
 * <p>A timestamp is physical milliseconds {@code << 18 |} logical. The scheme is that of
 * Percolator's oracle as PD runs it: the physical part follows the clock in ticks of 50 ms, the
 * logical part counts inside a tick, and a limit for the physical part is made durable some seconds
 * ahead, so that handing out a timestamp costs no write.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Every timestamp is greater than every one given out before it, by this leader or an earlier
 *       one.
 *   <li>The physical part is below the durable limit at any time; a new leader starts at or above
 *       the limit that it finds, and only after it has made a higher one durable.
 *   <li>A clock that steps back never lowers a timestamp: the physical part stays, the logical part
 *       goes on.
 *   <li>A logical part that is used up moves the physical part on by a millisecond if that stays
 *       below the limit; otherwise callers wait.
 *   <li>After its lease the oracle gives out nothing.
 * </ol>
 *
 * <p>Threading: one thread at a time, that of the placement driver's event loop.
 */
package io.arrowraft.pd.tso;
