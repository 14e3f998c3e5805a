/**
 * What moves though nothing is missing: leaders, replicas and traffic are spread evenly, and people
 * have their way with {@code evict}, {@code grant}, {@code shuffle}, {@code scatter} and labels.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A move for balance makes the two stores more alike; where it would only swap them, nothing
 *       moves.
 *   <li>A region whose peers were moved is left alone for a while by everything that moves peers
 *       for balance.
 *   <li>A move never fits the rules worse than what it replaces.
 * </ol>
 *
 * <p>Threading: values and pure decisions, on the placement driver's event loop.
 */
package io.arrowraft.pd.schedule.balance;
