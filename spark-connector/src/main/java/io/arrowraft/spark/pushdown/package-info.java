/**
 * What of a query runs in the stores: Spark's connector expressions, predicates and aggregations
 * translated into plans, or refused.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>What is translated gives Spark's answer bit for bit, whatever the session's ANSI mode, time
 *       zone and decimal rules; anything else is refused and stays with Spark.
 *   <li>A pushed filter can fail on no row, so the order in which stores evaluate filters is free.
 *   <li>A partial aggregate has the type that Spark's final aggregate reads, so that no cast on the
 *       way can lose a part.
 *   <li>Nothing is claimed to be aggregated completely: a group may span regions.
 * </ol>
 *
 * <p>Threading: values and pure functions.
 */
package io.arrowraft.spark.pushdown;
