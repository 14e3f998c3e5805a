/**
 * A member of the placement driver on this machine: its directory, its engines, its threads and its
 * port, wired by hand. One of the shells.
 *
 * <ol>
 *   <li>What is opened here is closed here, in the reverse order.
 *   <li>A directory is claimed for its cluster before anybody is told of this member.
 * </ol>
 */
package io.arrowraft.pd.main;
