/**
 * Work that goes on while things break, and what it was told about it.
 *
 * <ol>
 *   <li>A history is kept here, outside of the cluster, and judged when the load has ended.
 *   <li>A write whose outcome the client calls unknown may be found or not; one that it
 *       acknowledged must be found, at once and at the end; one that it refused must not.
 *   <li>Every value is written once, so that a read tells which write it saw.
 * </ol>
 *
 * <p>Threading: each worker has a thread of its own; histories may be asked by any thread.
 */
package io.arrowraft.e2e.load;
