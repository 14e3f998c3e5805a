/**
 * The ports through which client, store and placement driver meet the outside world: time,
 * randomness, event loops, worker pools, faults. Production wires {@link
 * io.arrowraft.runtime.threads}; the simulator wires its own.
 *
 * <ol>
 *   <li>Code outside the shells never reads a clock, makes a thread or draws a random number except
 *       through these ports, so that one seed fixes one execution.
 *   <li>An {@link io.arrowraft.runtime.EventLoop} runs one task at a time: what it owns needs no
 *       lock.
 *   <li>Nothing that runs on a loop blocks. Blocking belongs to a worker pool or to the outermost
 *       edge.
 * </ol>
 *
 * <p>Threading: each type says who may call it.
 */
package io.arrowraft.runtime;
