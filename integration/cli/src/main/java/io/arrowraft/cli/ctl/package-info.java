/**
 * {@code arrowraft ctl}: what operators ask the placement driver, over HTTP on its client port.
 *
 * <ol>
 *   <li>Tables for people by default; {@code --json} prints what the placement driver said,
 *       unchanged but for line breaks, for scripts.
 *   <li>Every failure names the address and what to do; nothing is printed on standard output then.
 *   <li>Nothing here changes the cluster.
 * </ol>
 */
package io.arrowraft.cli.ctl;
