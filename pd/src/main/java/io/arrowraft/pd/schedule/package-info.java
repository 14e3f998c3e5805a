/**
 * Deciding where replicas and leaders should be, and seeing it through.
 *
 * <p>A {@link io.arrowraft.pd.schedule.Scheduler} looks at a {@link
 * io.arrowraft.pd.schedule.ClusterView} and proposes {@link io.arrowraft.pd.schedule.Operator
 * operators}, each a short list of steps for one region. The {@link
 * io.arrowraft.pd.schedule.OperatorBoard} runs them: a step's order goes to the region's leader
 * with the answer to its heartbeat, again and again until a heartbeat shows that it is done.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>At most one operator runs for a region; none is begun while the region is in a joint
 *       configuration.
 *   <li>A peer is added before the one that it replaces is removed, as a learner first, and becomes
 *       a voter only when its leader reports that it has caught up.
 *   <li>The leader is never removed: leadership is handed over first.
 *   <li>Operators of each kind are limited in number, and each ends by success, by time-out or by
 *       cancellation.
 *   <li>Losing every operator is harmless: schedulers decide from the regions as they are.
 * </ol>
 *
 * <p>Threading: one thread at a time, that of the placement driver's event loop. Everything but the
 * board is pure.
 */
package io.arrowraft.pd.schedule;
