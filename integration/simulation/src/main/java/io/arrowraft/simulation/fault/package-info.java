/**
 * What goes wrong in a simulated cluster, and when.
 *
 * <ol>
 *   <li>Each seed draws which kinds of fault there are at all, how often and how bad: runs in which
 *       everything happens at once find less than runs that differ.
 *   <li>A fault ends by itself; {@link FaultSchedule#stop} ends all of them, for the liveness
 *       phase.
 *   <li>Faults reach the cluster as its machines and its network only.
 * </ol>
 *
 * <p>Threading: confined to the thread that runs the world.
 */
package io.arrowraft.simulation.fault;
