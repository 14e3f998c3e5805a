/**
 * Where the traffic is: rates per region and per store, decayed over time, from what region leaders
 * and stores report.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A store's load is the sum of what its regions contribute at this moment: when a leader
 *       moves, its rates move with it at the next report.
 *   <li>A read counts for the store that served it: the leader's, or a follower's that clients
 *       asked instead.
 *   <li>A region is hot only after several reports in a row say so, and cools down as slowly.
 *   <li>Taking a report costs the same however many regions there are.
 * </ol>
 *
 * <p>Threading: one thread at a time, that of the placement driver's event loop.
 */
package io.arrowraft.pd.flow;
