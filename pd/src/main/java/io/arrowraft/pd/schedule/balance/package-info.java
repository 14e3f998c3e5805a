/**
 * What moves though nothing is missing: leaders, replicas and traffic are spread evenly, and people
 * have their way with {@code evict}, {@code grant}, {@code shuffle}, {@code scatter} and labels.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A move for balance makes the two stores more alike; where it would only swap them, nothing
 *       moves.
 *   <li>For a while after a move for balance, no other takes the peer that came on to a third store
 *       or brings one back to the store that was left. The amount of data is evened out with
 *       regions that have not been moved lately, as long as there are any; traffic waits for them
 *       to rest.
 *   <li>A move never fits the rules worse than what it replaces.
 * </ol>
 *
 * <p>Threading: values and pure decisions, on the placement driver's event loop.
 */
package io.arrowraft.pd.schedule.balance;
