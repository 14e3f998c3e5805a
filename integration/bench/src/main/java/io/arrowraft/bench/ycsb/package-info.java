/**
 * YCSB's own client over ours: {@link io.arrowraft.bench.ycsb.ArrowraftBinding} is what YCSB calls
 * a binding, and {@code YcsbBench} runs the workloads A to F through it against a cluster of three
 * stores, each phase in a process of its own, and collects the figures that YCSB reports.
 *
 * <p>Threading: YCSB makes a binding for each of its threads; all of a process share one client.
 */
package io.arrowraft.bench.ycsb;
