/**
 * What operators can set while the cluster runs: limits of scheduling, replication, placement
 * rules, schedulers, weights and limits of stores.
 *
 * <p>Values live in the replicated state under names with a prefix ({@code config/}, {@code rule/},
 * {@code rule-group/}, {@code scheduler/}, {@code store-weight/}, {@code store-limit/}), each as
 * JSON; {@link io.arrowraft.pd.settings.Settings} makes typed values of them.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Only what differs from the defaults is stored, so that new defaults reach old clusters.
 *   <li>A value is checked before it is proposed, alone and against the others; what is stored can
 *       be read.
 *   <li>A stored name that this version does not know is left alone.
 * </ol>
 *
 * <p>Threading: one thread at a time, that of the placement driver's event loop; {@link
 * io.arrowraft.pd.settings.ScheduleConfig} is a value.
 */
package io.arrowraft.pd.settings;
