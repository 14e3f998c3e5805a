/**
 * What a client asks a coprocessor to run over the rows of one region at one timestamp: plan nodes,
 * expressions, their codec, their validation and their text.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Plans are values. Every node and expression states its type; an executor derives none.
 *   <li>An operator means what Spark's operator of that name means, bit for bit, NULL, NaN and
 *       overflow included. What cannot be had exactly is not in {@link
 *       io.arrowraft.coprocessor.plan.Operator}.
 *   <li>A plan that decodes has been validated: indexes, types, depth and size are in bounds, so an
 *       executor checks none of them again.
 *   <li>The encoded form carries a version; an unknown version, node, operator or type is a {@link
 *       io.arrowraft.coprocessor.plan.PlanException} and never ignored.
 * </ol>
 *
 * <p>Threading: everything here is immutable or static.
 */
package io.arrowraft.coprocessor.plan;
