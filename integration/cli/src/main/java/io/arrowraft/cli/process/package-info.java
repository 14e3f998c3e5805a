/**
 * A cluster as operating-system processes: their layout on disk and on ports, and their
 * supervision.
 *
 * <ol>
 *   <li>A child whose parent is gone stops by itself: it watches its standard input.
 *   <li>Stores stop before the placement driver.
 *   <li>A child that dies after it served is started again, at most once a second; one that never
 *       served ends it all. A store that was removed from the cluster says so with its exit code
 *       ({@link io.arrowraft.cli.process.FatalExit#STORE_REMOVED}) and stays away.
 * </ol>
 */
package io.arrowraft.cli.process;
