/**
 * Which stores should hold a region's replicas, and in which role.
 *
 * <p>A {@link io.arrowraft.pd.placement.Rule} wants a number of replicas of one role for a key
 * range, on stores whose labels meet its constraints, spread over the values of its location
 * labels. A {@link io.arrowraft.pd.placement.RuleBook} says which rules hold for a region, and
 * where regions have to be split because rules change. A {@link
 * io.arrowraft.pd.placement.RegionFit} assigns the peers that a region has to the rules, in the
 * best way; what remains to be done is what the fit lacks.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Everywhere in the key space rules want at least one voter, and at most one leader.
 *   <li>Everything here is a value, and a fit depends on nothing but its arguments.
 * </ol>
 */
package io.arrowraft.pd.placement;
