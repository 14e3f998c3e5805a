/**
 * A world in which time, threads, randomness and the network are simulated on one real thread.
 *
 * <ol>
 *   <li>Everything that happens is an event at a simulated time; events at the same time run in the
 *       order in which they were made. One seed therefore fixes the whole run, byte for byte.
 *   <li>Only port implementations live here: no class extends or replaces production code.
 *   <li>A crashed node's tasks, timers and callbacks never run again; its peers see broken streams
 *       and silence.
 *   <li>Every message crosses the network as bytes through its codec, so nodes share no object.
 *   <li>Every delivered message, due timer and node event enters the trace hash.
 * </ol>
 *
 * <p>Threading: confined to the thread that runs the world.
 */
package io.arrowraft.simulation.world;
