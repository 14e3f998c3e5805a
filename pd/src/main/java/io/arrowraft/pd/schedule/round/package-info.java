/**
 * Running schedulers and checkers, round after round, within their limits.
 *
 * <p>{@link io.arrowraft.pd.schedule.round.Scheduling} is all that the rest of the placement driver
 * sees of scheduling: it is told what was heard, makes a round when asked, and knows the operators.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A round's cost does not grow with the number of regions: a patrol looks at a batch of them,
 *       and first at those of which a report said that something is wrong.
 *   <li>Repair comes before balance.
 *   <li>A scheduler that found nothing rests for a while, at most {@code IDLE_MAX}.
 *   <li>A store that has been emptied becomes a tombstone by itself, and only then.
 * </ol>
 *
 * <p>Threading: one thread at a time, that of the placement driver's event loop.
 */
package io.arrowraft.pd.schedule.round;
