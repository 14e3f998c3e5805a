/**
 * {@code arrowraft ctl}: what operators ask the placement driver and want of it, over HTTP on its
 * client port.
 *
 * <ol>
 *   <li>Tables for people by default; {@code --json} prints what the placement driver said,
 *       unchanged but for line breaks, for scripts.
 *   <li>Every failure names the address and what to do; nothing is printed on standard output then.
 *   <li>While the placement driver has no leader, questions are asked again for ten seconds, and
 *       wishes wait for one; standard error says so.
 *   <li>What changes the cluster is a verb after the noun ({@code store delete 4}); the noun alone
 *       only shows.
 * </ol>
 */
package io.arrowraft.cli.ctl;
