/**
 * A store on this machine: its directory, its engines, its threads and its port, wired by hand. One
 * of the shells.
 *
 * <ol>
 *   <li>What is opened here is closed here, in the reverse order: server, loops, services, engines,
 *       directory.
 *   <li>A directory is claimed for its store before it is used further.
 * </ol>
 */
package io.arrowraft.server.main;
