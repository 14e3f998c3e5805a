/**
 * Runs seeds from a command line, outside of the tests: {@code Simulate FIRST_SEED COUNT}.
 *
 * <p>Threading: one run after another on the main thread.
 */
package io.arrowraft.simulation.main;
