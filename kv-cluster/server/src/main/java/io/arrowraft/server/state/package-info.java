/**
 * What a store remembers about itself and its regions, in the {@code raft} family of the data
 * engine: its identity, the state of each region, how far each has applied, and staged snapshots.
 *
 * <ol>
 *   <li>Every value begins with a byte of format version; an unknown version stops the store.
 *   <li>A region's state and apply state change only in the batch that changes its data.
 *   <li>Staged chunks of a snapshot outlive the {@code APPLYING} state that refers to them
 *       (correctness rule 20).
 * </ol>
 *
 * <p>Threading: pure functions over an engine; callers order their writes.
 */
package io.arrowraft.server.state;
