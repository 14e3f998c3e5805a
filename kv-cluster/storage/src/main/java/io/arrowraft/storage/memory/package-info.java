/**
 * The engine of the simulator and of tests: a persistent sorted tree per column family, so that a
 * snapshot is a reference, and a crash that loses what was not synced.
 *
 * <ol>
 *   <li>A published tree never changes; a write makes a new one that shares structure with the old.
 *   <li>{@code crash(random)} keeps the durable state plus a random prefix of the batches written
 *       since, and nothing else; two instances crash independently of each other.
 *   <li>The same calls in the same order give the same bytes: no clock, no identity, no hash order.
 * </ol>
 *
 * <p>Threading: writes are serialised by a lock; readers take one volatile reference and no lock.
 */
package io.arrowraft.storage.memory;
