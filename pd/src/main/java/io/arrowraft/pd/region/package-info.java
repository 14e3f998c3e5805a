/**
 * Where every key lives: the map of regions, built from what their leaders report.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Regions in the tree never overlap. Of two that would, the one with the higher version stays
 *       (the newcomer on a tie).
 *   <li>A report whose epoch regresses in either part, or whose term is older at the same epoch,
 *       changes nothing.
 *   <li>Look-ups by key, by id and by store see the same regions.
 *   <li>Nothing that the schedulers ask for scans all regions.
 * </ol>
 *
 * <p>Threading: one thread at a time, that of the placement driver's event loop.
 */
package io.arrowraft.pd.region;
