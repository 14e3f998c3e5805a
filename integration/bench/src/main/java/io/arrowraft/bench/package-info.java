/**
 * Measures a cluster: raw puts and gets beside its peers, in one run, and what becomes of a region.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Every store under test runs in a fresh JVM with the same options, one after the other,
 *       under the same load: threads that each wait for one operation before they begin the next.
 *   <li>Every store acknowledges a write only once it is synced.
 *   <li>What was not measured is shown as such, never as a figure.
 * </ol>
 *
 * <p>{@link io.arrowraft.bench.Benchmarks} names the benchmarks. Of raw puts and gets, {@link
 * io.arrowraft.bench.Bench} starts the processes and prints the table, and {@link
 * io.arrowraft.bench.Measurement} is what runs in each. Only threads of the load touch a target.
 */
package io.arrowraft.bench;
