/**
 * Real processes, and what befalls them: signals, partitions, disks that fill up, stall or fail.
 *
 * <ol>
 *   <li>Faults are made with the means of an operating system, never by a switch inside of the
 *       product: signals, routes in network namespaces, file systems on devices that end early.
 *   <li>Every fault happens under a load whose history is kept outside of the cluster and judged
 *       when the fault is over.
 *   <li>Where the machine denies what a fault needs, its test is skipped and says why.
 *   <li>What a test makes on the machine, it takes away again; the names begin with {@code ar} and
 *       hold the id of the test's process, by which a later run finds what was left behind.
 * </ol>
 *
 * <p>Classes named {@code ...LongTest} run for minutes and only with the profile {@code e2e-long}.
 */
package io.arrowraft.e2e.fault;
