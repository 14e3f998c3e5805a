/**
 * Judges of histories: what clients saw, recorded outside of the cluster, against what the cluster
 * promises.
 *
 * <ol>
 *   <li>A checker is a pure function of a history; it never looks into the cluster.
 *   <li>It names the operations that contradict each other, so that a report can be read without a
 *       replay.
 *   <li>An operation whose outcome is unknown may have happened or not, and only that.
 * </ol>
 */
package io.arrowraft.simulation.check;
