/**
 * Changes of regions, and seeing them through.
 *
 * <p>An {@link io.arrowraft.pd.operator.Operator} is a short list of {@link
 * io.arrowraft.pd.operator.Step steps} for one region, made by an {@link
 * io.arrowraft.pd.operator.OperatorBuilder} from the peers as they are and as they should be. The
 * {@link io.arrowraft.pd.operator.OperatorBoard} runs operators: a step's order goes to the
 * region's leader with the answer to its heartbeat, again and again until a heartbeat shows that it
 * is done.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>At most one operator runs for a region; only one of higher priority takes its place.
 *   <li>A peer is added before the one that it replaces is removed, as a learner first, and gets
 *       its vote only when its leader reports that it has caught up.
 *   <li>Votes that are given and taken in one operator change hands in one joint step, so that the
 *       number of votes in between is never even where it was odd.
 *   <li>The leader is never removed or demoted: leadership is handed over first.
 *   <li>Every operator ends: by success, time-out, cancellation or replacement. A step that has
 *       become impossible cancels it at once.
 *   <li>The two operators of a merge begin together and end together.
 *   <li>Losing every operator is harmless: schedulers decide from the regions as they are.
 * </ol>
 *
 * <p>Threading: one thread at a time, that of the placement driver's event loop. Everything but
 * {@link io.arrowraft.pd.operator.OperatorBoard} and {@link io.arrowraft.pd.operator.StoreLimiter}
 * is a value.
 */
package io.arrowraft.pd.operator;
