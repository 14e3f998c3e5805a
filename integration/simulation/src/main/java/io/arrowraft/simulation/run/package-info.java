/**
 * One run of one seed: a cluster, work, faults, and what came of it.
 *
 * <ol>
 *   <li>A seed draws everything: options, faults, operations, delays.
 *   <li>A safety phase with faults, in which nothing has to succeed but nothing wrong may be seen;
 *       then a liveness phase without faults, in which every operation has to end, and new ones to
 *       succeed, within a bound of simulated time.
 *   <li>A report names the command that replays it.
 * </ol>
 *
 * <p>Reading order: {@link SimulationOptions}, {@link Simulation}, {@link SimulationReport}.
 *
 * <p>Threading: a run is confined to the thread that calls it; runs share nothing.
 */
package io.arrowraft.simulation.run;
