/**
 * {@code arrowraft store}: the stores of a cluster, one by one.
 *
 * <ol>
 *   <li>{@code run} is the process of a store, in this process; {@code up} starts it too.
 *   <li>{@code add} asks the {@code up} that runs over a directory for one store more, and without
 *       one joins the cluster whose placement driver is named.
 *   <li>{@code drain} has the placement driver move everything away; the store is not stopped
 *       before it is a tombstone, so nothing is ever short of a replica because of it.
 * </ol>
 *
 * <p>Threading: commands run on the thread that calls them.
 */
package io.arrowraft.cli.store;
