/**
 * What is looked at for each region in turn: joint states that were left behind, borders of rules,
 * replicas that are missing, down, misplaced or too many, and neighbours that could be one.
 *
 * <p>Threading: values and pure decisions, on the placement driver's event loop.
 */
package io.arrowraft.pd.schedule.check;
