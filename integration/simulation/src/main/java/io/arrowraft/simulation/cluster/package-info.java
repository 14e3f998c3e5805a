/**
 * A cluster of production classes in a simulated world: the third wiring beside the processes and
 * the embedded cluster.
 *
 * <ol>
 *   <li>A machine wires production classes to the world's ports and to memory engines, and replaces
 *       nothing else of them.
 *   <li>What survives a crash is what the machine's engines kept; each engine loses unsynced writes
 *       independently of the other.
 *   <li>A machine that is down has no objects of its former process left: it is wired anew.
 * </ol>
 *
 * <p>Threading: confined to the thread that runs the world.
 */
package io.arrowraft.simulation.cluster;
