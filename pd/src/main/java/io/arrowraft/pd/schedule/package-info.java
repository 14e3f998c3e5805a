/**
 * What decisions about placement are made of.
 *
 * <p>A {@link io.arrowraft.pd.schedule.Scheduler} looks at a {@link
 * io.arrowraft.pd.schedule.ClusterView} and proposes operators; a {@link
 * io.arrowraft.pd.schedule.Checker} does so for one region at a time. Schedulers are in {@code
 * balance}, checkers in {@code check}; {@code round} runs them all.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A decision depends on the view alone, random numbers included, which the view hands out.
 *   <li>No decision looks at all regions: stores have indexes, regions are picked at random, and
 *       patrols take turns.
 *   <li>What operators that run will change is counted as if it had happened, so that rounds do not
 *       overshoot.
 * </ol>
 *
 * <p>Threading: one thread at a time, that of the placement driver's event loop.
 */
package io.arrowraft.pd.schedule;
