/**
 * The {@code arrowraft} command: one class a sub-command, each a thin shell over {@code embedded},
 * {@code server.main} and {@code pd.main}.
 *
 * <ol>
 *   <li>Exit code 0 means done, 1 that it failed with an explanation on standard error, 2 that the
 *       words were wrong.
 *   <li>What a user can mend is told in one line; a stack trace appears only with {@code --debug}.
 * </ol>
 */
package io.arrowraft.cli;
