/**
 * RheaKV as a peer of the benchmark.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Its class path holds RheaKV's libraries in the versions that it asks for, and none of ours.
 *   <li>Its settings are its defaults, but for where it listens and how many regions it has.
 * </ol>
 *
 * <p>Threads are those of the load and RheaKV's own.
 */
package io.arrowraft.bench.rheakv;
