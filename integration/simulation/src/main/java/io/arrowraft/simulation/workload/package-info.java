/**
 * What clients do to a simulated cluster, and what each kind of work promises.
 *
 * <ol>
 *   <li>A workload uses the client as any program would; it knows nothing of stores, faults or
 *       time, and draws what it does from the generator it is given.
 *   <li>It records every operation when it begins, so that a client that dies leaves an operation
 *       of unknown outcome behind.
 *   <li>Its history is judged by a checker of {@link io.arrowraft.simulation.check}.
 * </ol>
 *
 * <p>Reading order: {@link Workload}, {@link BankWorkload}, {@link Session}.
 *
 * <p>Threading: confined to the thread that runs the world.
 */
package io.arrowraft.simulation.workload;
