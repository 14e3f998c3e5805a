/**
 * The placement driver: it knows where everything is, decides where it should be, and gives out
 * time and ids.
 *
 * <p>{@link io.arrowraft.pd.PlacementDriver} wires one member from its ports. What must survive is
 * in the replicated state ({@link io.arrowraft.pd.state}); everything else ({@link
 * io.arrowraft.pd.region}, {@link io.arrowraft.pd.store}, {@link io.arrowraft.pd.schedule}) is
 * rebuilt from reports when a leadership begins.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A member acts only while it leads, holds its lease, and has applied an entry of its own
 *       term.
 *   <li>A cluster has one id for ever, drawn at random at its first start.
 *   <li>After a restart routing is known from the records at once, and leaders as soon as stores
 *       have reconnected.
 * </ol>
 *
 * <p>Threading: one event loop owns all state of a member. The replicated log may use loops of its
 * own and hands over on that one.
 */
package io.arrowraft.pd;
