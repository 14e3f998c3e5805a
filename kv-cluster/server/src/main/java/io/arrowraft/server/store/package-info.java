/**
 * A store as a whole: identity, bootstrap of the cluster, wiring of regions, services, transport
 * and reports. {@link io.arrowraft.server.store.StoreNode} is what a process, an embedded cluster
 * and the simulator start.
 *
 * <ol>
 *   <li>A directory belongs to one cluster and one store for ever; another cluster's is refused
 *       before anything is written.
 *   <li>The first region is durable here before the placement driver hears of it; told twice, or by
 *       two stores at once, it is created once.
 *   <li>A store serves before it tells the placement driver its address, so nobody is sent to a
 *       closed door.
 *   <li>After a stop nothing of the store touches its engines; whoever opened them closes them.
 * </ol>
 *
 * <p>Threading: {@link io.arrowraft.server.store.StoreNode} may be used from any thread; start and
 * stop happen on a worker of the store.
 */
package io.arrowraft.server.store;
