/**
 * The ports of {@link io.arrowraft.runtime} on real threads and real clocks: one of the shells.
 *
 * <ol>
 *   <li>Every thread is named, and every uncaught exception reaches the fault handler.
 *   <li>Closing a factory ends all of its threads within a bound, and says which did not end.
 * </ol>
 */
package io.arrowraft.runtime.threads;
