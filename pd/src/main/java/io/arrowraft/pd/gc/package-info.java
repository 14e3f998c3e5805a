/**
 * Up to where old versions may be removed.
 *
 * <p>Three timestamps follow one another. The <em>target</em> is where garbage collection wants to
 * go: the present less the life time of versions, held back by services. Stores resolve the locks
 * of transactions that started at or before it and report the ranges that are done. When reports
 * cover the whole key space, the <em>safe point</em> moves to the lowest of them: below it stores
 * refuse reads. What is <em>collectable</em> is never above the safe point nor above the lowest
 * report.
 *
 * <ol>
 *   <li>Target and safe point never go back; both are in the replicated state, the target as the
 *       claim of the garbage collector itself.
 *   <li>The target is never above the claim of a service that has not expired, and a claim below
 *       the target is refused.
 *   <li>The garbage collector moves the safe point only over locks that are resolved everywhere. If
 *       somebody else moves it ({@code UpdateGCSafePoint}), nothing is collected before the locks
 *       below are resolved.
 *   <li>Reports are facts that stay true, so they are kept for each key at the highest that was
 *       heard. They are lost with the leadership; stores repeat them until they are collectable.
 * </ol>
 *
 * <p>Threading: the placement driver's event loop. See docs/decisions/0001 of this module.
 */
package io.arrowraft.pd.gc;
